"""What follows when the media plane reports something: strangers go, media of who left is off, the rest is patience."""

from collections.abc import Mapping

from domain.interviews.entering import is_banned
from domain.interviews.live import LiveRoom
from domain.interviews.live_rooms import LiveRooms
from domain.interviews.media import MediaIds, MediaPresence, MediaReport, MediaReportKind, MediaReports
from domain.interviews.media_jobs import MediaOrders
from domain.interviews.model import EndReason
from domain.interviews.people import MediaState
from domain.interviews.pollers import Pollers, is_poller
from domain.interviews.ports import InterviewRooms
from domain.interviews.pushes import PeerMediaPush
from domain.interviews.rooms import Rooms
from domain.interviews.step import Step
from domain.shared.ports import Clock


class MediaWatch:
    """A report is acted upon before it is remembered: should anything fail in between, it comes again, and everything
    here is the same twice as once."""

    def __init__(
        self,
        reports: MediaReports,
        presence: MediaPresence,
        ids: MediaIds,
        records: InterviewRooms,
        rooms: Rooms,
        live: LiveRooms,
        pollers: Pollers,
        orders: MediaOrders,
        clock: Clock,
    ) -> None:
        self._reports = reports
        self._presence = presence
        self._ids = ids
        self._records = records
        self._rooms = rooms
        self._live = live
        self._pollers = pollers
        self._orders = orders
        self._clock = clock

    async def receive(self, fields: Mapping[str, str]) -> None:
        """Raises ForgedReport, Unavailable."""
        report = await self._reports.verified(fields, self._clock.now())
        if report is None or not await self._presence.is_news(report):
            return
        match report.kind:
            case MediaReportKind.ENTERED:
                await self._entered(report)
            case MediaReportKind.LEFT:
                await self._left(report)
            case MediaReportKind.ROOM_CLOSED:
                await self._closed(report)
        await self._presence.take(report)

    async def _entered(self, report: MediaReport) -> None:
        """A token lives longer than a welcome: whoever was put out, or comes after the end, is put out again."""
        participant_id = await self._ids.participant_of(report.room_id, report.user_id)
        room = await self._live.peek(report.room_id)
        if room is not None and not room.over:
            if _belongs(room, participant_id):
                await self._pollers.entered(report.room_id, participant_id)
                return
        elif await self._records.find_by_room_id(report.room_id) is None:
            return  # not one of ours: others may use the same account of the provider
        key = f"{report.room_id}:{report.user_id}:{report.login}"
        await self._orders.put_out(key, report.room_id, [report.user_id], "kicked", self._clock.now())

    async def _left(self, report: MediaReport) -> None:
        """Not gone from the interview, as long as they are connected with us."""
        participant_id = await self._ids.participant_of(report.room_id, report.user_id)
        await self._live.change_existing(report.room_id, lambda step: media_off(step, {participant_id}))
        await self._pollers.left_media(report.room_id, participant_id)

    async def _closed(self, report: MediaReport) -> None:
        """A media room closes whenever its last user goes, say to reload a page; the interview then waits for them as
        for anybody. It ends with the media room only when somebody closed that, and nobody is connected with us."""
        room = await self._live.peek(report.room_id)
        if room is None or room.over:
            return
        everybody = {seat.participant_id for seat in room.seats}
        await self._live.change_existing(report.room_id, lambda step: media_off(step, everybody))
        if report.by_order and not any(seat.connected and not is_poller(seat) for seat in room.seats):
            await self._rooms.end(report.room_id, EndReason.ZEGO_CLOSED, "")


def media_off(step: Step, whose: set[str]) -> None:
    """Camera, microphone and screen of these people are not to be seen or heard any more."""
    if step.room.over:
        return
    for seat in step.room.inside:
        media = MediaState(network=seat.media.network)
        if seat.participant_id in whose and (seat.media.camera or seat.media.mic or seat.media.screen):
            step.put(seat, media=media)
            step.tell_all("peerMedia", PeerMediaPush, participant_id=seat.participant_id, media=media)


def _belongs(room: LiveRoom, participant_id: str) -> bool:
    """In the room, or free to return to it."""
    if participant_id == room.host_id:
        return True
    if is_banned(room, participant_id, ""):
        return False
    seat = room.seat(participant_id)
    return seat.admitted if seat is not None else participant_id in room.known

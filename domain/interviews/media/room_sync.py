"""What follows when the media plane reports something: strangers go, media of who left is off, the rest is patience."""

import logging
from collections.abc import Mapping
from typing import Final

from domain.interviews.live.membership import is_banned
from domain.interviews.live.pushes import PeerMediaPush
from domain.interviews.live.room import LiveRoom
from domain.interviews.live.transition import RoomTransition
from domain.interviews.live.unit_of_work import LiveRoomUnitOfWork
from domain.interviews.media.jobs import MediaJobQueue
from domain.interviews.media.ports import (
    MediaPresence,
    MediaReport,
    MediaReportKind,
    MediaReportVerifier,
    MediaServer,
    MediaUserIds,
)
from domain.interviews.polling.clients import PollingClients, is_poller
from domain.interviews.ports import InterviewRoomRepository
from domain.interviews.record.model import EndReason
from domain.interviews.record.service import InterviewRoomService
from domain.interviews.value_types import MediaState
from domain.shared.background import BackgroundJob, Every
from domain.shared.ports import Clock

log = logging.getLogger("error.media")

LOOK_EVERY_SECONDS: Final = 30.0


class MediaRoomSync:
    """A report is acted upon before it is remembered: should anything fail in between, it comes again, and everything
    here is the same twice as once."""

    def __init__(
        self,
        reports: MediaReportVerifier,
        presence: MediaPresence,
        plane: MediaServer,
        ids: MediaUserIds,
        records: InterviewRoomRepository,
        rooms: InterviewRoomService,
        live: LiveRoomUnitOfWork,
        pollers: PollingClients,
        orders: MediaJobQueue,
        clock: Clock,
    ) -> None:
        self._reports = reports
        self._presence = presence
        self._plane = plane
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

    async def look(self, room_id: str) -> None:
        """Ask the media plane who is there: a report may have been lost. Raises what asking raises."""
        asked_at = self._clock.now()
        there = await self._plane.users(room_id)
        known = await self._presence.users(room_id)
        for user_id in set(there) - known:
            await self._judge(room_id, user_id, f"seen:{int(asked_at.timestamp())}")
        for user_id in known - set(there):
            await self._gone(room_id, user_id)
        await self._presence.settle(room_id, there, asked_at)

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        look = BackgroundJob(
            "interview-media-look",
            Every(LOOK_EVERY_SECONDS, at_start=False),
            self._look_into_all,
            lease_seconds=LOOK_EVERY_SECONDS * 2,
        )
        return (look,)

    async def _look_into_all(self) -> None:
        for room_id in await self._live.room_ids():
            room = await self._live.peek(room_id)
            if room is not None and not room.over and await self._ids.used(room_id):
                await self.look(room_id)

    async def _entered(self, report: MediaReport) -> None:
        """A token lives longer than a welcome: whoever was put out, or comes after the end, is put out again."""
        await self._judge(report.room_id, report.user_id, report.login)

    async def _judge(self, room_id: str, user_id: str, login: str) -> None:
        """Whoever is in the media room is welcome there, or has to go."""
        participant_id = await self._ids.participant_of(room_id, user_id)
        room = await self._live.peek(room_id)
        if room is not None and not room.over:
            if _belongs(room, participant_id):
                await self._pollers.entered(room_id, participant_id)
                return
        elif await self._records.find_by_room_id(room_id) is None:
            return  # not one of ours: others may use the same account of the provider
        await self._orders.put_out(f"{room_id}:{user_id}:{login}", room_id, [user_id], "kicked", self._clock.now())

    async def _left(self, report: MediaReport) -> None:
        await self._gone(report.room_id, report.user_id)

    async def _gone(self, room_id: str, user_id: str) -> None:
        """Not from the interview, as long as they are connected with us."""
        participant_id = await self._ids.participant_of(room_id, user_id)
        await self._live.change_existing(room_id, lambda step: media_off(step, {participant_id}))
        await self._pollers.left_media(room_id, participant_id)

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


def media_off(step: RoomTransition, whose: set[str]) -> None:
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

"""Keeps interviews and media rooms in step, by the reports of the media server and by asking it at intervals."""

import logging
from collections.abc import Mapping
from typing import Final

from domain.interviews.live.pushes import PeerMediaPush
from domain.interviews.live.room import LiveRoom
from domain.interviews.live.rules.membership import is_banned
from domain.interviews.live.transition import RoomTransition
from domain.interviews.live.unit_of_work import LiveRoomUnitOfWork
from domain.interviews.media.job_queue import MediaJobQueue
from domain.interviews.media.ports import MediaPresence, MediaReportVerifier, MediaServer, MediaUserIds
from domain.interviews.media.reports import MediaReport, MediaReportKind
from domain.interviews.polling.clients import PollingClients, is_polling
from domain.interviews.ports import InterviewRoomRepository
from domain.interviews.record.model import EndReason
from domain.interviews.record.service import InterviewRoomService
from domain.interviews.value_types import MediaState
from domain.shared.background import BackgroundJob, Every
from domain.shared.ports import Clock

log = logging.getLogger("error.media")

_RECONCILE_SECONDS: Final = 30.0


class MediaRoomSync:
    """A report is acted upon before it is stored. After a failure in between it arrives again; every action is
    idempotent."""

    def __init__(
        self,
        reports: MediaReportVerifier,
        presence: MediaPresence,
        server: MediaServer,
        ids: MediaUserIds,
        records: InterviewRoomRepository,
        rooms: InterviewRoomService,
        unit_of_work: LiveRoomUnitOfWork,
        polling_clients: PollingClients,
        job_queue: MediaJobQueue,
        clock: Clock,
    ) -> None:
        self._reports = reports
        self._presence = presence
        self._server = server
        self._ids = ids
        self._records = records
        self._rooms = rooms
        self._unit_of_work = unit_of_work
        self._polling_clients = polling_clients
        self._job_queue = job_queue
        self._clock = clock

    async def receive(self, fields: Mapping[str, str]) -> None:
        """Handles the callback of the media server with these fields. Raises ForgedReport, Unavailable."""
        report = await self._reports.verify(fields, self._clock.now())
        if report is None or not await self._presence.is_news(report):
            return
        match report.kind:
            case MediaReportKind.ENTERED:
                await self._entered(report)
            case MediaReportKind.LEFT:
                await self._left(report.room_id, report.user_id)
            case MediaReportKind.ROOM_CLOSED:
                await self._closed(report)
        await self._presence.apply(report)

    async def reconcile(self, room_id: str) -> None:
        """Asks the media server for the users in a room, since reports may get lost. Raises Unavailable, and what
        `MediaServer` raises."""
        asked_at = self._clock.now()
        present = await self._server.users(room_id)
        known = await self._presence.users(room_id)
        for user_id in set(present) - known:
            await self._admit_or_remove(room_id, user_id, f"seen:{int(asked_at.timestamp())}")
        for user_id in known - set(present):
            await self._left(room_id, user_id)
        await self._presence.reconcile(room_id, present, asked_at)

    @property
    def background(self) -> tuple[BackgroundJob, ...]:
        reconcile = BackgroundJob(
            "interview-media-look",
            Every(_RECONCILE_SECONDS, at_start=False),
            self._reconcile_all,
            lease_seconds=_RECONCILE_SECONDS * 2,
        )
        return (reconcile,)

    async def _reconcile_all(self) -> None:
        for room_id in await self._unit_of_work.room_ids():
            room = await self._unit_of_work.peek(room_id)
            if room is not None and not room.ended and await self._ids.has_users(room_id):
                await self.reconcile(room_id)

    async def _entered(self, report: MediaReport) -> None:
        """A media token stays valid after its participant was removed or the interview has ended."""
        await self._admit_or_remove(report.room_id, report.user_id, report.login)

    async def _admit_or_remove(self, room_id: str, user_id: str, login: str) -> None:
        participant_id = await self._ids.owner_of(room_id, user_id)
        room = await self._unit_of_work.peek(room_id)
        if room is not None and not room.ended:
            if _may_be_in_media_room(room, participant_id):
                await self._polling_clients.media_entered(room_id, participant_id)
                return
        elif await self._records.find_by_room_id(room_id) is None:
            return  # not a room of ours: other products may use the same account of the provider
        key = f"{room_id}:{user_id}:{login}"
        await self._job_queue.enqueue_removal(key, room_id, [user_id], "kicked", self._clock.now())

    async def _left(self, room_id: str, user_id: str) -> None:
        """Leaving the media room is not leaving the interview as long as the participant is connected."""
        participant_id = await self._ids.owner_of(room_id, user_id)
        await self._unit_of_work.change_existing(
            room_id, lambda transition: switch_media_off(transition, {participant_id})
        )
        await self._polling_clients.media_left(room_id, participant_id)

    async def _closed(self, report: MediaReport) -> None:
        """A media room closes whenever its last user leaves, for example to reload a page; the interview then waits as
        after any lost connection. It ends only when the media room was closed on request and no participant is
        connected by a socket."""
        room = await self._unit_of_work.peek(report.room_id)
        if room is None or room.ended:
            return
        everyone = {seat.participant_id for seat in room.seats}
        await self._unit_of_work.change_existing(
            report.room_id, lambda transition: switch_media_off(transition, everyone)
        )
        if report.by_order and not any(seat.connected and not is_polling(seat) for seat in room.seats):
            await self._rooms.end(report.room_id, EndReason.ZEGO_CLOSED, "")


def switch_media_off(transition: RoomTransition, participant_ids: set[str]) -> None:
    """Marks camera, microphone and screen of these participants as off."""
    if transition.room.ended:
        return
    for seat in transition.room.admitted_seats:
        media = MediaState(network=seat.media.network)
        if seat.participant_id in participant_ids and (seat.media.camera or seat.media.mic or seat.media.screen):
            transition.update_seat(seat, media=media)
            transition.push_to_all("peerMedia", PeerMediaPush, participant_id=seat.participant_id, media=media)


def _may_be_in_media_room(room: LiveRoom, participant_id: str) -> bool:
    """True if the participant is in the interview, or may join again."""
    if participant_id == room.host_id:
        return True
    if is_banned(room, participant_id, ""):
        return False
    seat = room.seat(participant_id)
    return seat.admitted if seat is not None else participant_id in room.known_guests

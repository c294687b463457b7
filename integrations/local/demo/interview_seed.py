"""Fills an empty database with interviews: ended ones of the last weeks, and booked ones of the next days."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from domain.interviews.participant_ids import staff_participant_id
from domain.interviews.record.entries import ParticipantJoined, ParticipantLeft, PhaseChanged
from domain.interviews.record.model import EndReason, InterviewRoom, RoomStatus, Schedule
from domain.interviews.value_types import RoomPhase
from domain.shared.authority import StaffAuthority
from domain.shared.business_day import business_day, start_of_day
from integrations.local.demo.historic import HistoricIds
from integrations.local.demo.interview_forms import interview_form
from integrations.local.demo.people import seeded_random
from integrations.mongo.failures import store_failures
from integrations.wiring.infrastructure import Infrastructure
from integrations.wiring.interviews import interview_rooms

ENDED: Final = 24
BOOKED: Final = 6
_NOTES: Final = ("沟通顺畅，客户满意，约试工三天", "经验丰富，工资略高于预期", "客户想再看两位", "普通话好，会做月子餐")


async def seed_interviews(base: Infrastructure, hosts: Sequence[StaffAuthority]) -> int:
    """Returns the number of rooms: 0 when the database has some already. Raises Unavailable."""
    rooms, rng, now = interview_rooms(base), seeded_random("interviews"), base.clock.now()
    with store_failures():
        if await rooms.collection.find_one({}, {"_id": 1}) is not None:
            return 0
    today = start_of_day(business_day(now))
    past = [today - timedelta(days=rng.randint(1, 45)) + _office_hour(rng) for _ in range(ENDED)]
    for at in sorted(past):
        await rooms.save(_ended(rng, rng.choice(hosts), at), [])
    for number in range(BOOKED):
        starts_at = today + timedelta(days=1 + number // 2) + _office_hour(rng)
        await rooms.save(_booked(rng, rng.choice(hosts), now, starts_at), [])
    return ENDED + BOOKED


def _office_hour(rng: Random) -> timedelta:
    return timedelta(minutes=15 * rng.randint(36, 76))


def _booked(rng: Random, host: StaffAuthority, now: datetime, starts_at: datetime) -> InterviewRoom:
    made_at = now - timedelta(minutes=rng.randint(30, 2_000))
    schedule = Schedule(starts_at=starts_at, ends_at=starts_at + timedelta(minutes=30))
    return _room(rng, host, made_at).model_copy(update={"schedule": schedule})


def _ended(rng: Random, host: StaffAuthority, at: datetime) -> InterviewRoom:
    """Host, customer and worker met, and the host rated the worker."""
    room = _room(rng, host, at).opened(at)
    met_at = at + timedelta(minutes=rng.randint(1, 4))
    ended_at = met_at + timedelta(minutes=rng.randint(12, 38))
    customer = room.room_name.partition("面试")[0]
    arrivals = (
        (room.host_zego_user_id, host.name, "host", "staff", at),
        (_guest_id(rng), customer, "guest", "customer", met_at),
        (_guest_id(rng), room.candidate_name, "guest", "helper", met_at),
    )
    joined = tuple(
        ParticipantJoined.model_validate(
            {"participant_id": key, "name": name, "role": role, "identity": identity, "at": joined_at}
        )
        for key, name, role, identity, joined_at in arrivals
    )
    left = tuple(ParticipantLeft(participant_id=each.participant_id, because="ended", at=ended_at) for each in joined)
    talked = room.with_entries((*joined, PhaseChanged(phase=RoomPhase.LIVE, at=met_at), *left), ended_at)
    ended = talked.ended(EndReason.HOST_ENDED, host.name, ended_at)
    return ended.rated(rng.choice((3, 4, 4, 5)), rng.choice(_NOTES), host.name, ended_at + timedelta(minutes=3))


def _room(rng: Random, host: StaffAuthority, at: datetime) -> InterviewRoom:
    ids = HistoricIds(rng, at)
    room_id = f"room_{ids.next_id()}"
    fields = {
        "id": ids.next_id(),
        "roomId": room_id,
        "hostUserId": host.id,
        "hostName": host.name,
        "hostZegoUserId": staff_participant_id(room_id, host.id),
        "status": RoomStatus.SCHEDULED,
        "createdAt": at,
        "updatedAt": at,
    }
    return InterviewRoom.model_validate({**fields, **interview_form(rng)})


def _guest_id(rng: Random) -> str:
    return f"p{rng.getrandbits(80):020x}"

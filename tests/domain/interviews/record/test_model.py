"""The record of an interview, its invitations, and participant ids."""

import pytest

from domain.interviews.errors import (
    InviteExpired,
    InviteInvalid,
    InviteUsedUp,
    NotYourRoom,
    RoomEnded,
    RoomNotEnded,
    RoomNotOpen,
)
from domain.interviews.invites.model import display_name
from domain.interviews.participant_ids import guest_participant_id, staff_participant_id
from domain.interviews.record.entries import ChatMessageSent, ParticipantJoined, ParticipantLeft, PhaseChanged
from domain.interviews.record.model import (
    Ban,
    EndReason,
    RoomStatus,
    Schedule,
)
from domain.interviews.value_types import ChatMessage, RoomPhase
from tests.domain.interviews.builders import HOST, NOW, a_room, an_invite, later, staff

GUEST = guest_participant_id("secret")


def joined(at: float, participant_id: str = GUEST) -> ParticipantJoined:
    return ParticipantJoined(
        participant_id=participant_id, name="客户", role="guest", identity="customer", at=later(at)
    )


def test_the_first_end_counts_and_a_second_changes_nothing() -> None:
    ended = a_room().ended(EndReason.HOST_ENDED, "李老师", later(90))

    assert (ended.status, ended.duration, ended.ended_by) == (RoomStatus.ENDED, 90, "李老师")
    assert ended.ended(EndReason.ADMIN, "boss", later(99)) is ended


def test_a_scheduled_room_is_not_active_until_it_is_opened() -> None:
    scheduled = a_room(
        status=RoomStatus.SCHEDULED, opened_at=None, schedule=Schedule(starts_at=later(60), ends_at=later(3600))
    )

    with pytest.raises(RoomNotOpen):
        scheduled.require_active()
    scheduled.opened(later(60)).require_active()
    with pytest.raises(RoomEnded):
        scheduled.ended(EndReason.CANCELLED, "", later(1)).opened(later(60))


def test_only_an_ended_interview_is_rated_and_omitted_values_are_kept() -> None:
    with pytest.raises(RoomNotEnded):
        a_room().rated(5, "好", "李老师", NOW)
    ended = a_room().ended(EndReason.HOST_ENDED, "", later(1))

    rated = ended.rated(4, None, "李老师", later(2)).rated(None, "很好", "李老师", later(3))

    assert (rated.rating, rated.interview_note) == (4, "很好")


def test_the_record_keeps_every_attendance_period_and_ignores_repeated_entries() -> None:
    entries = (
        joined(1),
        ParticipantLeft(participant_id=GUEST, because="timeout", at=later(5)),
        joined(9),
        PhaseChanged(phase=RoomPhase.LIVE, at=later(9)),
        ChatMessageSent(message=ChatMessage(id="c1", from_id=GUEST, from_name="客户", text="您好", at=later(10))),
    )
    once = a_room().with_entries(entries, later(11))

    again = once.with_entries(entries, later(12))

    assert [(period.joined_at, period.left_at) for period in once.attendance] == [
        (later(1), later(5)),
        (later(9), None),
    ]
    assert [(each.user_id, each.joined_at, each.left_at) for each in once.participants] == [(GUEST, later(1), None)]
    assert (once.phase, once.started_at, len(once.chat)) == (RoomPhase.LIVE, later(9), 1)
    assert again is once


def test_a_leave_just_before_the_end_keeps_its_own_reason() -> None:
    ended = a_room().with_entries((joined(1),), later(2)).ended(EndReason.HOST_ENDED, "李老师", later(20))
    left = ParticipantLeft(participant_id=GUEST, because="kicked", at=later(19))

    recorded = ended.with_entries((left,), later(21))

    assert [(period.left_at, period.left_because) for period in ended.attendance] == [(later(20), "ended")]
    assert [(period.left_at, period.left_because) for period in recorded.attendance] == [(later(19), "kicked")]
    by_end = ParticipantLeft(participant_id=GUEST, because="ended", at=later(20))
    assert recorded.with_entries((left, by_end), later(22)) is recorded


def test_a_room_is_visible_to_its_host_and_to_managers_only() -> None:
    room = a_room()

    room.require_visible_to(staff(HOST))
    room.require_visible_to(staff("b" * 24, "interview:all"))
    with pytest.raises(NotYourRoom):
        room.require_visible_to(staff("b" * 24))


def test_banning_is_idempotent_and_reversible() -> None:
    ban = Ban(participant_id=GUEST, at=NOW)

    banned = a_room().with_ban(ban, NOW).with_ban(ban.model_copy(update={"reason": "again"}), NOW)

    assert banned.bans == (ban,)
    assert banned.without_ban(GUEST, NOW).bans == ()


def test_an_invitation_expires_has_limited_uses_and_can_be_revoked() -> None:
    twice = an_invite(max_uses=2).used(NOW).used(NOW)

    with pytest.raises(InviteUsedUp):
        twice.used(NOW)
    with pytest.raises(InviteExpired):
        an_invite().used(later(3600))
    with pytest.raises(InviteInvalid):
        an_invite().revoked(NOW).used(NOW)


def test_staff_participant_ids_are_stable_differ_by_room_and_hide_the_staff_id() -> None:
    assert staff_participant_id("room_1", HOST) == staff_participant_id("room_1", HOST)
    assert staff_participant_id("room_1", HOST) != staff_participant_id("room_2", HOST)
    assert HOST not in staff_participant_id("room_1", HOST)


def test_the_display_name_of_a_guest_has_the_form_of_legacy_clients() -> None:
    assert display_name("helper", "王芳") == "阿姨-王芳"
    assert display_name("customer", "") == "客户"


def test_the_end_closes_every_attendance_period() -> None:
    ended = a_room().with_entries((joined(1),), later(2)).ended(EndReason.HOST_ENDED, "", later(9))

    assert [(period.left_at, period.left_because) for period in ended.attendance] == [(later(9), "ended")]
    assert (
        ended.with_entries((ParticipantLeft(participant_id=GUEST, because="ended", at=later(10)),), later(11)) is ended
    )

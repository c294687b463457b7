"""Invitations and tickets: created, redeemed, used up, expired, revoked, renewed."""

import asyncio

import pytest

from domain.interviews.errors import (
    Banned,
    InviteExpired,
    InviteInvalid,
    InviteUsedUp,
    NotYourRoom,
    RoomEnded,
    RoomNotOpen,
    TicketExpired,
    TicketInvalid,
    TooManyInvites,
)
from domain.interviews.invites.model import MAX_INVITE_USES, MAX_INVITES, TICKET_HOURS
from domain.interviews.invites.service import InviteLink, NewInvite
from domain.interviews.live.commands import Kick
from domain.interviews.record.model import EndReason, Schedule
from tests.domain.interviews.builders import later, staff
from tests.domain.interviews.fakes import STAFF, Client, InterviewArea

ROOM = "room_a"
OTHER = staff("b" * 24, "interview:host", "interview:manage")


@pytest.fixture
async def area() -> InterviewArea:
    area = InterviewArea()
    await area.create(room_id=ROOM)
    return area


async def create(area: InterviewArea, **fields: object) -> InviteLink:
    return await area.services.invites.create(staff(), ROOM, NewInvite.model_validate(fields), STAFF)


class TestCreating:
    async def test_an_invitation_is_stored_without_its_code(self, area: InterviewArea) -> None:
        link = await create(area, identity="helper", name="赵阿姨", max_uses=3, valid_hours=2)

        [invite] = area.record(ROOM).invites
        assert invite == link.invite
        assert (invite.identity, invite.max_uses, invite.expires_at) == ("helper", 3, later(7200))
        assert invite.created_by == "李老师"
        assert area.services.invites.room_id_of(link.code) == ROOM

    async def test_only_the_host_creates_invitations(self, area: InterviewArea) -> None:
        with pytest.raises(NotYourRoom):
            await area.services.invites.create(OTHER, ROOM, NewInvite(), STAFF)

    async def test_a_room_has_a_limited_number_of_invitations(self, area: InterviewArea) -> None:
        for _ in range(MAX_INVITES):
            await create(area)

        with pytest.raises(TooManyInvites):
            await create(area)

    async def test_an_ended_room_has_no_new_invitations(self, area: InterviewArea) -> None:
        await area.services.rooms.end(ROOM, EndReason.HOST_ENDED, "李老师")

        with pytest.raises(RoomEnded):
            await create(area)

    async def test_managers_may_list_invitations(self, area: InterviewArea) -> None:
        link = await create(area)

        assert await area.services.invites.list_invites(OTHER, ROOM) == [link.invite]


class TestReusableLinks:
    async def test_the_newest_open_invitation_for_many_uses_is_reused(self, area: InterviewArea) -> None:
        first = await area.services.invites.reusable_link(staff(), ROOM, "customer", STAFF)
        await create(area)  # for one use

        again = await area.services.invites.reusable_link(staff(), ROOM, "customer", STAFF)
        for_worker = await area.services.invites.reusable_link(staff(), ROOM, "helper", STAFF)

        assert again == first
        assert first.invite.max_uses == MAX_INVITE_USES
        assert for_worker.invite.identity == "helper"

    async def test_an_invitation_of_a_banned_guest_is_not_reused(self, area: InterviewArea) -> None:
        first = await area.services.invites.reusable_link(staff(), ROOM, "customer", STAFF)
        host = await area.host_joins(ROOM)
        guest = Client(area, await area.redeem(first.code), ROOM)
        await guest.join()
        await host.send(Kick(participant_id=guest.id))

        again = await area.services.invites.reusable_link(staff(), ROOM, "customer", STAFF)

        assert again.invite.id != first.invite.id


class TestRedeeming:
    async def test_each_redemption_issues_the_ticket_of_a_new_guest(self, area: InterviewArea) -> None:
        code = await area.invite(ROOM, max_uses=2)

        tickets = [await area.services.invites.redeem(code, " 王女士 ") for _ in range(2)]

        assert len({ticket.participant_id for ticket in tickets}) == 2
        assert [ticket.name for ticket in tickets] == ["客户-王女士"] * 2
        assert tickets[0].expires_at == later(TICKET_HOURS * 3600)
        assert (tickets[0].room_id, tickets[0].room_name) == (ROOM, "李老师的面试间")

    async def test_the_name_of_the_invitation_takes_precedence(self, area: InterviewArea) -> None:
        code = await area.invite(ROOM, identity="helper", name="赵阿姨")

        assert (await area.services.invites.redeem(code, "冒充")).name == "阿姨-赵阿姨"

    async def test_concurrent_redemptions_use_an_invitation_up_exactly(self, area: InterviewArea) -> None:
        code = await area.invite(ROOM, max_uses=3)

        redemptions = (area.services.invites.redeem(code, "") for _ in range(8))
        outcomes = await asyncio.gather(*redemptions, return_exceptions=True)

        assert sum(isinstance(outcome, InviteUsedUp) for outcome in outcomes) == 5
        assert area.record(ROOM).invites[0].uses == 3

    async def test_an_invitation_expires(self, area: InterviewArea) -> None:
        code = await area.invite(ROOM, valid_hours=1)
        area.clock.advance(3600)

        with pytest.raises(InviteExpired):
            await area.services.invites.redeem(code, "")

    async def test_the_hours_of_an_invitation_move_with_the_interview(self, area: InterviewArea) -> None:
        day = 24 * 3600
        room_id = (await area.create(schedule=Schedule(starts_at=later(day), ends_at=later(day + 3600)))).room_id
        code = await area.invite(room_id, valid_hours=2)
        postponed = Schedule(starts_at=later(9 * day), ends_at=later(9 * day + 3600))
        await area.services.rooms.reschedule(staff(), room_id, postponed, STAFF)

        area.clock.advance(9 * day + 3600)
        await area.services.rooms.open(staff(), room_id, "supersede", STAFF)
        assert (await area.services.invites.preview(code)).open
        assert (await area.services.invites.redeem(code, "")).room_id == room_id
        area.clock.advance(3600)
        with pytest.raises(InviteExpired):
            await area.services.invites.preview(code)

    async def test_a_revoked_invitation_is_invalid(self, area: InterviewArea) -> None:
        link = await create(area)
        await area.services.invites.revoke(staff(), ROOM, link.invite.id, STAFF)

        with pytest.raises(InviteInvalid):
            await area.services.invites.redeem(link.code, "")

    async def test_an_invitation_of_a_banned_guest_is_invalid(self, area: InterviewArea) -> None:
        code = await area.invite(ROOM, max_uses=3)
        host, guest = await area.host_joins(ROOM), Client(area, await area.redeem(code), ROOM)
        await guest.join()
        await host.send(Kick(participant_id=guest.id))

        with pytest.raises(InviteInvalid):
            await area.services.invites.redeem(code, "")

    async def test_a_forged_code_is_invalid(self, area: InterviewArea) -> None:
        with pytest.raises(InviteInvalid):
            await area.services.invites.redeem("A" * 80, "")

    async def test_an_invitation_of_an_ended_room_is_refused(self, area: InterviewArea) -> None:
        code = await area.invite(ROOM)
        await area.services.rooms.end(ROOM, EndReason.HOST_ENDED, "李老师")

        with pytest.raises(RoomEnded):
            await area.services.invites.redeem(code, "")


class TestScheduledRooms:
    async def test_a_link_that_was_sent_ahead_waits_for_the_host_and_is_then_redeemed(
        self, area: InterviewArea
    ) -> None:
        planned = Schedule(starts_at=later(3 * 86_400), ends_at=later(3 * 86_400 + 3600))
        await area.create(room_id="room_later", schedule=planned)
        code = await area.invite("room_later", identity="helper", name="赵阿姨", valid_hours=2)

        early = await area.services.invites.preview(code)
        with pytest.raises(RoomNotOpen):
            await area.services.invites.redeem(code, "")
        area.clock.advance(3 * 86_400 + 3600)  # an hour late, while the link is valid
        await area.services.rooms.open(staff(), "room_later", "supersede", STAFF)
        opened = await area.services.invites.preview(code)
        ticket = await area.redeem(code)

        assert (early.open, early.starts_at, early.name) == (False, planned.starts_at, "赵阿姨")
        assert opened.open
        assert (ticket.room_id, ticket.name) == ("room_later", "阿姨-赵阿姨")

    async def test_a_link_is_refused_before_anything_is_asked_and_without_a_use(self, area: InterviewArea) -> None:
        code = await area.invite(ROOM)
        await area.services.invites.preview(code)
        await area.redeem(code)

        with pytest.raises(InviteUsedUp):
            await area.services.invites.preview(code)
        with pytest.raises(InviteInvalid):
            await area.services.invites.preview("A" * 80)
        await area.services.rooms.end(ROOM, EndReason.HOST_ENDED, "李老师")
        with pytest.raises(RoomEnded):
            await area.services.invites.preview(code)


class TestRevoking:
    async def test_revoking_is_idempotent(self, area: InterviewArea) -> None:
        link = await create(area)

        first = await area.services.invites.revoke(staff(), ROOM, link.invite.id, STAFF)
        area.clock.advance(60)
        again = await area.services.invites.revoke(staff(), ROOM, link.invite.id, STAFF)

        assert again.revoked_at == first.revoked_at is not None

    async def test_an_unknown_invitation_cannot_be_revoked(self, area: InterviewArea) -> None:
        with pytest.raises(InviteInvalid):
            await area.services.invites.revoke(staff(), ROOM, "9" * 24, STAFF)

    async def test_only_the_host_revokes_invitations(self, area: InterviewArea) -> None:
        link = await create(area)

        with pytest.raises(NotYourRoom):
            await area.services.invites.revoke(OTHER, ROOM, link.invite.id, STAFF)

    async def test_a_guest_who_is_in_the_room_stays_when_the_invitation_is_revoked(self, area: InterviewArea) -> None:
        ticket = await area.ticket(ROOM)
        guest = Client(area, ticket, ROOM)
        await guest.join()

        await area.services.invites.revoke(staff(), ROOM, ticket.invite_id, STAFF)
        await guest.join()

        assert guest.is_connected


class TestTickets:
    async def test_a_renewed_ticket_is_of_the_same_guest_and_expires_later(self, area: InterviewArea) -> None:
        issued = await area.services.invites.redeem(await area.invite(ROOM), "王女士")
        area.clock.advance(3600)

        renewed = await area.services.invites.renew(issued.ticket)

        assert (renewed.participant_id, renewed.name) == (issued.participant_id, issued.name)
        assert renewed.expires_at == later((TICKET_HOURS + 1) * 3600)

    async def test_an_expired_or_forged_ticket_is_not_renewed(self, area: InterviewArea) -> None:
        issued = await area.services.invites.redeem(await area.invite(ROOM), "")
        area.clock.advance(TICKET_HOURS * 3600)

        with pytest.raises(TicketExpired):
            await area.services.invites.renew(issued.ticket)
        with pytest.raises(TicketInvalid):
            await area.services.invites.renew("forged")

    async def test_the_ticket_of_a_banned_guest_is_not_renewed(self, area: InterviewArea) -> None:
        issued = await area.services.invites.redeem(await area.invite(ROOM), "")
        host = await area.host_joins(ROOM)
        guest = Client(area, area.services.invites.read_ticket(issued.ticket), ROOM)
        await guest.join()
        await host.send(Kick(participant_id=guest.id))

        with pytest.raises(Banned):
            await area.services.invites.renew(issued.ticket)

    async def test_a_ticket_of_an_ended_room_is_not_renewed(self, area: InterviewArea) -> None:
        issued = await area.services.invites.redeem(await area.invite(ROOM), "")
        await area.services.rooms.end(ROOM, EndReason.HOST_ENDED, "李老师")

        with pytest.raises(RoomEnded):
            await area.services.invites.renew(issued.ticket)

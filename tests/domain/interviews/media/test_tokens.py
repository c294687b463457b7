"""Media tokens: for hosts, guests and renewals, bound to room and user, refused before a seat is taken."""

import pytest

from domain.interviews.errors import (
    Banned,
    CannotJoin,
    MediaNotConfigured,
    MediaUserIdTaken,
    NotYourRoom,
    RoomEnded,
)
from domain.interviews.live.commands import Kick, Update
from domain.interviews.media.credentials import MEDIA_TOKEN_SECONDS
from domain.interviews.media.tokens import MIN_TOKEN_SECONDS, GuestCredentials, GuestTokenResult, MediaTokenRequest
from domain.interviews.record.model import EndReason
from tests.domain.interviews.builders import later, staff
from tests.domain.interviews.fakes import STAFF, InterviewArea

ROOM = "room_a"


@pytest.fixture
async def area() -> InterviewArea:
    area = InterviewArea()
    await area.create(room_id=ROOM)
    return area


def request(media_user_id: str | None = None, seconds: int = MEDIA_TOKEN_SECONDS) -> MediaTokenRequest:
    return MediaTokenRequest(room_id=ROOM, media_user_id=media_user_id, seconds=seconds)


async def for_guest(area: InterviewArea, media_user_id: str = "guest_1", **credentials: str) -> GuestTokenResult:
    return await area.media.tokens.for_guest(GuestCredentials(**credentials), request(media_user_id))


class TestForStaff:
    async def test_the_host_gets_a_token_for_the_chosen_user_id_and_a_seat(self, area: InterviewArea) -> None:
        token = await area.media.tokens.for_staff(staff(), request("user_1777"), STAFF)

        assert (token.user_id, token.token) == ("user_1777", "room_a/user_1777")
        assert area.room(ROOM).host_seat is not None

    async def test_a_token_for_an_unknown_room_creates_the_room(self) -> None:
        area = InterviewArea()

        await area.media.tokens.for_staff(staff(), request(), STAFF)

        assert area.record(ROOM).host_user_id == staff().id

    async def test_another_staff_member_gets_no_token_and_no_seat(self, area: InterviewArea) -> None:
        with pytest.raises(NotYourRoom):
            await area.media.tokens.for_staff(staff("b" * 24), request("user_1"), STAFF)

        assert area.record(ROOM).host_user_id == staff().id
        assert area.store.stored == {}

    async def test_a_new_token_of_the_host_keeps_the_bans(self, area: InterviewArea) -> None:
        host, guest = await area.host_joins(ROOM), await area.guest_joins(ROOM)
        await host.send(Kick(participant_id=guest.id))

        await area.media.tokens.for_staff(staff(), request("user_2"), STAFF)

        assert len(area.room(ROOM).bans) == 1

    @pytest.mark.parametrize(
        ("asked", "given"),
        [(1, MIN_TOKEN_SECONDS), (600, 600), (10**6, MEDIA_TOKEN_SECONDS)],
    )
    async def test_the_validity_is_limited(self, area: InterviewArea, asked: int, given: int) -> None:
        token = await area.media.tokens.for_staff(staff(), request(seconds=asked), STAFF)

        assert token.expires_at == later(given)

    async def test_no_token_is_issued_without_a_provider(self, area: InterviewArea) -> None:
        area.media_tokens.available = False

        with pytest.raises(MediaNotConfigured):
            await area.media.tokens.for_staff(staff(), request(), STAFF)

    async def test_no_token_is_issued_after_the_end(self, area: InterviewArea) -> None:
        await area.services.rooms.end(ROOM, EndReason.HOST_ENDED, "李老师")

        with pytest.raises(RoomEnded):
            await area.media.tokens.for_staff(staff(), request(), STAFF)


class TestForGuests:
    async def test_an_invitation_gives_ticket_seat_and_token(self, area: InterviewArea) -> None:
        result = await for_guest(area, code=await area.invite(ROOM), name="王女士")

        assert result.media is not None
        assert result.media.user_id == "guest_1"
        assert (result.guest.name, result.refused) == ("客户-王女士", "")
        assert area.room(ROOM).seat(result.guest.participant_id) is not None

    async def test_a_ticket_is_used_instead_of_the_invitation(self, area: InterviewArea) -> None:
        code = await area.invite(ROOM)
        first = await for_guest(area, code=code)

        again = await for_guest(area, ticket=first.ticket, code=code)

        assert again.guest.participant_id == first.guest.participant_id
        assert area.record(ROOM).invites[0].uses == 1

    @pytest.mark.parametrize("credentials", [{}, {"ticket": "forged"}, {"code": "forged"}])
    async def test_a_guest_without_valid_credentials_is_refused(
        self, area: InterviewArea, credentials: dict[str, str]
    ) -> None:
        with pytest.raises(CannotJoin):
            await for_guest(area, **credentials)

        assert area.store.stored == {}

    async def test_credentials_of_another_room_are_refused(self, area: InterviewArea) -> None:
        await area.create(staff("b" * 24), room_id="room_b")
        link = await area.services.invites.reusable_link(staff("b" * 24), "room_b", "customer", STAFF)
        issued = await area.services.invites.redeem(link.code, "")

        for credentials in ({"code": link.code}, {"ticket": issued.ticket}):
            with pytest.raises(CannotJoin) as refused:
                await for_guest(area, **credentials)
            assert refused.value.details == {"reason": "TICKET_INVALID"}

    async def test_ids_of_the_host_and_of_other_guests_are_refused_without_a_seat(self, area: InterviewArea) -> None:
        await area.media.tokens.for_staff(staff(), request("user_1777"), STAFF)
        await for_guest(area, "guest_1", code=await area.invite(ROOM))
        seats = area.room(ROOM).seats

        for wanted in ("user_1777", "guest_1", area.room(ROOM).host_id):
            with pytest.raises(MediaUserIdTaken):
                await for_guest(area, wanted, code=await area.invite(ROOM))

        assert area.room(ROOM).seats == seats

    async def test_a_guest_in_the_lobby_keeps_the_ticket_and_gets_no_token(self, area: InterviewArea) -> None:
        host = await area.host_joins(ROOM)
        await host.send(Update(lobby_enabled=True))

        result = await for_guest(area, code=await area.invite(ROOM))
        again = await for_guest(area, ticket=result.ticket)

        assert (result.refused, result.media) == ("LOBBY", None)
        assert again.guest == result.guest
        assert len(area.room(ROOM).lobby_seats) == 1

    async def test_a_refused_guest_learns_the_reason_and_keeps_the_ticket(self, area: InterviewArea) -> None:
        host = await area.host_joins(ROOM)
        await host.send(Update(locked=True))

        result = await for_guest(area, code=await area.invite(ROOM))

        assert (result.refused, result.media) == ("ROOM_LOCKED", None)
        assert area.services.invites.read_ticket(result.ticket) == result.guest


class TestRenewal:
    async def test_a_participant_gets_a_new_token_and_turn_credentials(self, area: InterviewArea) -> None:
        ticket = await area.ticket(ROOM)

        credentials = await area.media.tokens.renew(ticket, request())

        assert credentials.zego is not None
        assert credentials.zego.user_id == ticket.participant_id
        assert [server.username for server in credentials.ice_servers] == [ticket.participant_id]

    async def test_without_a_provider_there_are_turn_credentials_only(self, area: InterviewArea) -> None:
        area.media_tokens.available = False

        credentials = await area.media.tokens.renew(await area.ticket(ROOM), request())

        assert credentials.zego is None
        assert len(credentials.ice_servers) == 1

    async def test_a_guest_in_the_lobby_gets_nothing(self, area: InterviewArea) -> None:
        host = await area.host_joins(ROOM)
        await host.send(Update(lobby_enabled=True))

        with pytest.raises(CannotJoin):
            await area.media.tokens.renew(await area.ticket(ROOM), request())

    async def test_a_banned_guest_gets_nothing(self, area: InterviewArea) -> None:
        host, guest = await area.host_joins(ROOM), await area.guest_joins(ROOM)
        await host.send(Kick(participant_id=guest.id))

        with pytest.raises(Banned):
            await area.media.tokens.renew(guest.visitor, request())

"""Login with account name and password."""

from dataclasses import replace

import pytest

from domain.shared.errors import Unavailable
from domain.shared.login_throttle import ACCOUNT, ACCOUNT_AT_ADDRESS, ADDRESS, LoginDelayed
from domain.users.errors import UserBlocked, WrongPassword
from domain.users.events import UserActive
from domain.users.identity import IdentityDigests
from tests.domain.users.builders import NOW
from tests.domain.users.fakes import ANONYMOUS, FakeHasher, UserArea

PASSWORD = "correct horse"
ELSEWHERE = ANONYMOUS.model_copy(update={"address": "8.8.8.8"})


async def test_the_right_password_logs_in_to_the_account(area: UserArea) -> None:
    registered = await area.register("王芳", username="Wang_Fang", password=PASSWORD)

    done = await area.services.passwords.login("wang_FANG", PASSWORD, ANONYMOUS)

    assert (done.is_new, done.user.id, done.user.login_count) == (False, registered.user.id, 2)
    assert [event.method for event in area.users.events_of(UserActive)] == ["openid", "password"]
    assert area.failures() == []


async def test_an_unknown_account_and_a_wrong_password_are_refused_alike(area: UserArea) -> None:
    known = await area.register("王芳", username="wang_fang", password=PASSWORD)
    without_password = await area.register("李雷", username="li_lei")

    for username in ("unknown", "wang_fang", "li_lei"):
        with pytest.raises(WrongPassword):
            await area.services.passwords.login(username, "wrong", ANONYMOUS)

    assert area.hasher.verifications == 3
    assert [(each.user_id, each.method, each.reason) for each in area.failures()] == [
        ("", "password", "BAD_CREDENTIALS"),
        (known.user.id, "password", "BAD_CREDENTIALS"),
        (without_password.user.id, "password", "BAD_CREDENTIALS"),
    ]


async def test_guessing_is_throttled_for_the_guessers_address_only(area: UserArea) -> None:
    await area.register("王芳", username="wang_fang", password=PASSWORD)

    for _ in range(ACCOUNT_AT_ADDRESS.free):
        with pytest.raises(WrongPassword):
            await area.services.passwords.login("wang_fang", "wrong", ELSEWHERE)
    with pytest.raises(LoginDelayed):
        await area.services.passwords.login("wang_fang", PASSWORD, ELSEWHERE)

    assert (await area.services.passwords.login("wang_fang", PASSWORD, ANONYMOUS)).user.username == "wang_fang"


async def test_a_success_resets_the_count_of_failures(area: UserArea) -> None:
    await area.register("王芳", username="wang_fang", password=PASSWORD)

    for _ in range(2):
        for _ in range(ACCOUNT_AT_ADDRESS.free - 1):
            with pytest.raises(WrongPassword):
                await area.services.passwords.login("wang_fang", "wrong", ANONYMOUS)
        await area.services.passwords.login("wang_fang", PASSWORD, ANONYMOUS)


async def guess_from_everywhere(area: UserArea) -> None:
    """More addresses guess at the account than its budget allows."""
    for number in range(ACCOUNT.free):
        actor = ANONYMOUS.model_copy(update={"address": f"8.8.4.{number}"})
        with pytest.raises(WrongPassword):
            await area.services.passwords.login("wang_fang", "wrong", actor)


async def test_guesses_from_many_addresses_delay_strangers_and_not_the_owner_on_a_known_device(area: UserArea) -> None:
    user = (await area.register("王芳", username="wang_fang", password=PASSWORD)).user
    phone = area.services.devices.remember(user.id, "")

    await guess_from_everywhere(area)

    with pytest.raises(LoginDelayed):
        await area.services.passwords.login("wang_fang", PASSWORD, ELSEWHERE)
    assert (await area.services.passwords.login("wang_fang", PASSWORD, ELSEWHERE, phone)).user.id == user.id


async def test_a_device_of_another_account_gets_no_tries_of_its_own(area: UserArea) -> None:
    await area.register("王芳", username="wang_fang", password=PASSWORD)
    other = (await area.register("李雷")).user

    await guess_from_everywhere(area)

    with pytest.raises(LoginDelayed):
        await area.services.passwords.login(
            "wang_fang", PASSWORD, ELSEWHERE, area.services.devices.remember(other.id, "")
        )


async def test_an_account_that_is_at_home_at_an_address_is_not_delayed_by_others_who_guess_there(
    area: UserArea,
) -> None:
    await area.register("王芳", username="wang_fang", password=PASSWORD)
    for number in range(ADDRESS.free):
        with pytest.raises(WrongPassword):
            await area.services.passwords.login(f"unknown{number}", "wrong", ANONYMOUS)

    with pytest.raises(LoginDelayed):
        await area.services.passwords.login("unknown", "wrong", ANONYMOUS)
    assert (await area.services.passwords.login("wang_fang", PASSWORD, ANONYMOUS)).user.username == "wang_fang"


async def test_an_outdated_hash_is_renewed_by_the_login(area: UserArea) -> None:
    user = (await area.register("王芳", username="wang_fang", password=PASSWORD)).user
    area.credentials.stored[user.id] = f"outdated hash of {PASSWORD}"

    with pytest.raises(WrongPassword):
        await area.services.passwords.login("wang_fang", "wrong", ANONYMOUS)
    assert area.credentials.stored[user.id].startswith("outdated")
    await area.services.passwords.login("wang_fang", PASSWORD, ANONYMOUS)

    assert area.credentials.stored[user.id] == f"hash of {PASSWORD}"


async def test_a_password_that_could_not_be_verified_counts_as_no_try(area: UserArea) -> None:
    await area.register("王芳", username="wang_fang", password=PASSWORD)
    area.ports = replace(area.ports, hasher=BusyHasher())
    busy = area.another_process()
    for _ in range(ACCOUNT_AT_ADDRESS.free + 1):
        with pytest.raises(Unavailable):
            await busy.passwords.login("wang_fang", PASSWORD, ANONYMOUS)

    assert (await area.services.passwords.login("wang_fang", PASSWORD, ANONYMOUS)).user.username == "wang_fang"


class BusyHasher(FakeHasher):
    async def verify(
        self, password: str, stored_hash: str | None, address: str = "", *, known_device: bool = False
    ) -> bool:
        raise Unavailable


async def test_a_block_is_shown_only_with_the_right_password(area: UserArea) -> None:
    user = (await area.register("王芳", username="wang_fang", password=PASSWORD)).user
    await area.users.save(user.with_status("blocked", "恶意下单"), ())

    with pytest.raises(WrongPassword):
        await area.services.passwords.login("wang_fang", "wrong", ANONYMOUS)
    with pytest.raises(UserBlocked):
        await area.services.passwords.login("wang_fang", PASSWORD, ANONYMOUS)


class DeletingHasher(FakeHasher):
    """Deletes the account while its password is verified."""

    def __init__(self, area: UserArea, user_id: str) -> None:
        super().__init__()
        self._area = area
        self._user_id = user_id

    async def verify(
        self, password: str, stored_hash: str | None, address: str = "", *, known_device: bool = False
    ) -> bool:
        await self._area.users.save(self._area.account(self._user_id).deleted(IdentityDigests(), NOW), ())
        return await super().verify(password, stored_hash, address)


async def test_an_account_deleted_during_the_login_is_refused(area: UserArea) -> None:
    user = (await area.register("王芳", username="wang_fang", password=PASSWORD)).user
    area.ports = replace(area.ports, hasher=DeletingHasher(area, user.id))

    with pytest.raises(WrongPassword):
        await area.another_process().passwords.login("wang_fang", PASSWORD, ANONYMOUS)


async def test_a_deleted_account_has_no_password_login(area: UserArea) -> None:
    user = (await area.register("王芳", username="wang_fang", password=PASSWORD)).user
    await area.users.save(user.deleted(IdentityDigests(), NOW), ())

    with pytest.raises(WrongPassword):
        await area.services.passwords.login("wang_fang", PASSWORD, ANONYMOUS)

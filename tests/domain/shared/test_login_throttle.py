"""The throttling of password guesses: what a guesser can get, and what the owner of an account can always do."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.shared.login_throttle import (
    ACCOUNT_AT_ADDRESS,
    ADDRESS,
    KNOWN_DEVICE,
    MAX_GUESSES_A_DAY,
    LoginDelayed,
    LoginThrottle,
    LoginTry,
    TriesLeft,
    TryBudget,
    WrongPasswordGiven,
)
from domain.shared.text import Text
from tests.domain.shared.login_fakes import MemoryTryLog
from tests.integrations.clocks import SettableClock

ACCOUNT, OFFICE = "a" * 24, "1.2.4.8"
DAY = timedelta(days=1)


class Guessing:
    def __init__(self) -> None:
        self.clock = SettableClock()
        self.throttle = LoginThrottle(MemoryTryLog(self.clock), "staff")
        self.guesses = 0

    async def wrong(self, account: str = ACCOUNT, address: str = OFFICE, **more: object) -> int:
        """Seconds to wait instead of a guess; 0 if the wrong password was verified."""
        try:
            await self.throttle.count(LoginTry(account, address, **more))  # type: ignore[arg-type]
        except LoginDelayed as delayed:
            return delayed.retry_after_seconds
        self.guesses += 1
        return 0

    async def right(self, account: str = ACCOUNT, address: str = OFFICE, **more: object) -> None:
        counted = await self.throttle.count(LoginTry(account, address, **more))  # type: ignore[arg-type]
        await counted.succeeded()


def most_within(instants: Sequence[float], seconds: float) -> int:
    return max(sum(start <= each < start + seconds for each in instants) for start in instants)


async def test_a_guesser_who_never_misses_a_chance_and_never_reuses_an_address_stays_within_the_stated_number() -> None:
    guessing, instants = Guessing(), list[float]()
    started = guessing.clock.now()

    while guessing.clock.now() < started + 3 * DAY:
        wait = await guessing.wrong(address=f"8.8.{len(instants) // 256}.{len(instants) % 256}")
        if wait == 0:
            instants.append(guessing.clock.now().timestamp())
        guessing.clock.advance(wait)

    assert most_within(instants, DAY.total_seconds()) <= MAX_GUESSES_A_DAY


steps = st.lists(
    st.tuples(st.floats(0, 3600), st.integers(0, 30), st.booleans()), max_size=120
)  # a pause, an address, and whether the owner logs in meanwhile


@given(steps)
async def test_no_guesser_gets_more_than_the_stated_number_and_the_owner_always_gets_in(
    steps: Sequence[tuple[float, int, bool]],
) -> None:
    guessing, instants = Guessing(), [0.0]

    for pause, address, owner_comes in steps:
        guessing.clock.advance(pause)
        if await guessing.wrong(address=f"8.8.8.{address}") == 0:
            instants.append(guessing.clock.now().timestamp())
        if owner_comes:
            await guessing.right(address=f"8.8.8.{address}", device="phone")

    assert most_within(instants, DAY.total_seconds()) <= MAX_GUESSES_A_DAY
    await guessing.right(device="phone")


async def test_the_right_password_of_the_owner_gives_a_guesser_no_new_tries() -> None:
    guessing = Guessing()
    for number in range(20):
        await guessing.wrong(address=f"8.8.8.{number}")
    await guessing.right(address="9.9.9.9", device="phone")

    assert await guessing.wrong(address="9.9.9.9") == 60


async def test_one_address_gets_five_tries_at_an_account_and_then_waits_longer_and_longer() -> None:
    guessing, waits = Guessing(), []

    for _ in range(ACCOUNT_AT_ADDRESS.free + 6):
        wait = await guessing.wrong()
        if wait:
            waits.append(wait // 60)
            guessing.clock.advance(wait)
            assert await guessing.wrong() == 0

    assert waits == [1, 2, 4, 8, 15, 15]


@pytest.mark.parametrize("wrong", [50, 150])
async def test_a_visitor_who_guesses_many_names_locks_nobody_else_at_the_address(wrong: int) -> None:
    guessing = Guessing()

    for number in range(wrong):
        assert await guessing.wrong(account=f"name{number // 5}") == 0

    await guessing.right()


async def test_spraying_many_accounts_from_one_address_is_delayed_but_not_those_who_are_at_home_there() -> None:
    guessing = Guessing()
    for number in range(ADDRESS.free):
        assert await guessing.wrong(account=f"name{number}") == 0

    assert await guessing.wrong(account="another") == 60
    assert await guessing.wrong(account="another", address="8.8.8.8") == 0
    await guessing.right(at_home=True)
    await guessing.right(device="phone")


async def test_a_known_device_has_tries_of_its_own_and_they_are_limited_too() -> None:
    guessing = Guessing()
    for _ in range(KNOWN_DEVICE.free):
        assert await guessing.wrong(device="stolen") == 0

    assert await guessing.wrong(device="stolen") == 60
    await guessing.right(device="phone")
    await guessing.right()


async def test_concurrent_guesses_are_counted_before_they_are_verified() -> None:
    guessing = Guessing()
    pending = [await guessing.throttle.count(LoginTry(ACCOUNT, OFFICE)) for _ in range(ACCOUNT_AT_ADDRESS.free)]

    assert await guessing.wrong() == 60
    await pending[0].not_made()
    assert await guessing.wrong() == 0


def in_words(left: TriesLeft) -> Text:
    class Refused(WrongPasswordGiven):
        text = Text("密码错误", "Wrong password")

    return Refused(left).shown_text


async def test_a_refusal_warns_when_two_tries_are_left_and_says_the_wait_in_minutes() -> None:
    guessing, texts = Guessing(), []
    for _ in range(5):
        texts.append(in_words((await guessing.throttle.count(LoginTry(ACCOUNT, OFFICE))).left))
    with pytest.raises(LoginDelayed) as delayed:
        await guessing.throttle.count(LoginTry(ACCOUNT, OFFICE))

    assert texts[:2] == [Text("密码错误", "Wrong password")] * 2
    assert texts[2] == Text(
        "密码错误，还可以再试 2 次，之后需等待 1 分钟",
        "Wrong password; 2 tries left, then you have to wait 1 minute",
    )
    assert "还可以再试 1 次" in texts[3].zh
    assert texts[4] == Text("密码错误，请 1 分钟后再试", "Wrong password; try again in 1 minute")
    assert delayed.value.shown_text == Text(
        "密码错误次数过多，请 1 分钟后再试", "Too many wrong passwords; please try again in 1 minute"
    )
    assert LoginDelayed(61).shown_text.en.endswith("in 2 minutes")


@given(st.integers(0, 500))
def test_a_delay_never_shrinks_and_never_exceeds_its_longest(tries: int) -> None:
    budget = TryBudget(free=5, window=3600, longest_delay=900)

    assert budget.delay_after(tries) <= budget.delay_after(tries + 1) <= 900

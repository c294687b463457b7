"""Refused logins: a few rows each, then one row a minute that counts them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.shared.places.region import Region
from domain.users.login.refusal_groups import SINGLE_ROWS, RefusalGroups
from domain.users.login_record import LoginRecord
from tests.domain.users.builders import NOW

MINUTE = NOW.replace(second=0, microsecond=0)
SECONDS = st.integers(0, 40)
ATTEMPTS = st.lists(
    st.tuples(SECONDS, st.sampled_from(["", "u1", "u2"]), st.sampled_from(["A", "B"]), st.sampled_from(["1", "2"])),
    max_size=200,
)


def refused(number: int, at: datetime = MINUTE, **fields: object) -> LoginRecord:
    known: dict[str, object] = {"user_id": "u1", "reason": "BAD_CREDENTIALS", "address": "1.2.4.8", **fields}
    return LoginRecord(id=f"{number:024x}", at=at, method="password", result="failed", **known)


def rows_of(records: Iterable[LoginRecord]) -> dict[str, LoginRecord]:
    groups = RefusalGroups()
    return {row.id: row for row in map(groups.add, records)}


def test_the_first_attempts_of_a_minute_have_rows_of_their_own_and_one_row_counts_the_rest() -> None:
    attempts = [refused(number) for number in range(SINGLE_ROWS + 37)]

    rows = list(rows_of(attempts).values())

    assert rows[:SINGLE_ROWS] == attempts[:SINGLE_ROWS]
    assert [(row.id, row.count) for row in rows[SINGLE_ROWS:]] == [(attempts[SINGLE_ROWS].id, 37)]


def test_the_next_minute_begins_anew() -> None:
    attempts = [refused(number, MINUTE + timedelta(seconds=4 * number)) for number in range(30)]

    assert [row.count for row in rows_of(attempts).values()] == [1] * 10 + [5] + [1] * 10 + [5]


def test_accounts_addresses_and_reasons_are_counted_apart() -> None:
    kinds: list[dict[str, Any]] = [
        {"user_id": "u1"},
        {"user_id": "u2"},
        {"user_id": "u1", "reason": "USER_BLOCKED"},
        {"user_id": "", "address": "1.2.4.8"},
        {"user_id": "", "address": "8.8.8.8"},
    ]

    rows = rows_of(refused(number, **kinds[number % len(kinds)]) for number in range(SINGLE_ROWS * len(kinds)))

    assert [row.count for row in rows.values()] == [1] * SINGLE_ROWS * len(kinds)


def test_the_addresses_of_one_ipv6_subscriber_are_one() -> None:
    rows = rows_of(refused(number, user_id="", address=f"2001:db8:1:2::{number:x}") for number in range(100))

    assert len(rows) == SINGLE_ROWS + 1


def test_a_counted_row_has_only_what_its_attempts_have_in_common() -> None:
    here = {"region": Region(province="江苏", city="南京"), "user_agent": "phone", "app_id": "wx1"}
    attempts = [refused(number, MINUTE + timedelta(seconds=number), **here) for number in range(SINGLE_ROWS + 2)]
    elsewhere = refused(99, MINUTE + timedelta(seconds=20), **{**here, "address": "8.8.8.8", "region": Region()})

    alike = rows_of(attempts)[attempts[SINGLE_ROWS].id]
    mixed = rows_of([*attempts, elsewhere])[attempts[SINGLE_ROWS].id]

    assert alike == attempts[SINGLE_ROWS].model_copy(update={"count": 2})
    assert mixed == alike.model_copy(update={"count": 3, "address": "", "region": Region()})


@given(ATTEMPTS)
def test_every_attempt_is_counted_once_in_a_bounded_number_of_rows(attempts: list[tuple[int, str, str, str]]) -> None:
    at, records = MINUTE, []
    for number, (seconds, user_id, reason, address) in enumerate(attempts):
        at += timedelta(seconds=seconds)
        records.append(refused(number, at, user_id=user_id, reason=reason, address=address))

    rows = rows_of(records).values()

    assert sum(row.count for row in rows) == len(records)
    groups = [(row.at.strftime("%H:%M"), row.user_id or row.address, row.reason) for row in rows]
    assert all(groups.count(group) <= SINGLE_ROWS + 1 for group in groups)

"""The business day, independent of the server's time zone."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

from domain.shared.business_day import business_day, days_ending, start_of_day


def test_days_change_at_midnight_in_shanghai() -> None:
    assert business_day(datetime(2026, 11, 23, 15, 59, 59, 999000, tzinfo=UTC)) == date(2026, 11, 23)
    assert business_day(datetime(2026, 11, 23, 16, tzinfo=UTC)) == date(2026, 11, 24)


def test_a_day_starts_at_midnight_in_shanghai() -> None:
    assert start_of_day(date(2026, 11, 25)) == datetime(2026, 11, 24, 16, tzinfo=UTC)


def test_days_are_listed_oldest_first() -> None:
    assert days_ending(date(2026, 3, 1), 3) == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_the_zone_of_the_server_does_not_matter(zone: str) -> None:
    script = (
        "import time; time.tzset()\n"
        "from datetime import datetime, timezone\n"
        "from domain.shared.business_day import business_day\n"
        "print(business_day(datetime.fromtimestamp(1795536000, timezone.utc)))\n"
        "print(business_day(datetime.fromtimestamp(1795535999).astimezone()))\n"
    )

    said = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "TZ": zone}, capture_output=True, text=True, check=True
    )

    assert said.stdout.split() == ["2026-11-25", "2026-11-24"]

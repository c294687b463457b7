"""Generated ids and secrets, and the system clock."""

from datetime import UTC

from integrations.clock import SystemClock
from integrations.security.ids import ObjectIds


def test_ids_have_the_form_of_document_ids_and_never_repeat() -> None:
    ids = [ObjectIds().next_id() for _ in range(1000)]

    assert len(set(ids)) == 1000
    assert all(len(one) == 24 and int(one, 16) >= 0 for one in ids)


def test_secrets_are_long_url_safe_and_never_repeat() -> None:
    secrets = {ObjectIds().secret() for _ in range(1000)}

    assert len(secrets) == 1000
    assert all(len(secret) == 43 and secret.replace("-", "").replace("_", "").isalnum() for secret in secrets)


def test_the_clock_tells_utc_in_whole_milliseconds() -> None:
    now = SystemClock().now()

    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0

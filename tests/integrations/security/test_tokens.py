"""Access tokens are accepted only with our signature, for their audience, until they expire."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from domain.sessions.tokens import AccessClaims, Audience
from domain.shared.errors import NotAuthenticated
from integrations.security.tokens import JwtAccessTokens

KEY, OLD_KEY, STRANGE_KEY = "k" * 32, "o" * 32, "s" * 32
NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
LIFETIMES: dict[Audience, timedelta] = {"mp": timedelta(minutes=30), "staff": timedelta(minutes=15)}


def tokens(*keys: str) -> JwtAccessTokens:
    return JwtAccessTokens(keys or (KEY,), "homecare", LIFETIMES)


def claims(**changes: Any) -> dict[str, Any]:
    issued = int(NOW.timestamp())
    whole = {"iss": "homecare", "aud": "mp", "sub": "u1", "sid": "s1", "jti": "j1", "typ": "access"}
    return {**whole, "iat": issued, "exp": issued + 60, **changes}


def test_an_issued_token_carries_its_claims() -> None:
    token, seconds = tokens().issue("mp", "u1", "s1", NOW)

    assert seconds == 1800
    assert tokens().verify("mp", token, NOW) == AccessClaims(
        audience="mp", subject="u1", session_id="s1", expires_at=NOW + timedelta(minutes=30)
    )


def test_a_token_expires_exactly_on_time() -> None:
    token, seconds = tokens().issue("staff", "u1", "s1", NOW)
    end = NOW + timedelta(seconds=seconds)

    assert tokens().verify("staff", token, end - timedelta(milliseconds=1))
    with pytest.raises(NotAuthenticated) as refused:
        tokens().verify("staff", token, end)
    assert refused.value.details == {"reason": "expired"}


def test_a_token_of_one_audience_is_refused_by_the_other() -> None:
    token, _ = tokens().issue("mp", "u1", "s1", NOW)

    with pytest.raises(NotAuthenticated):
        tokens().verify("staff", token, NOW)


def test_tokens_of_the_previous_key_stay_valid_and_the_current_key_signs_new_ones() -> None:
    old, _ = tokens(OLD_KEY).issue("mp", "u1", "s1", NOW)
    both = tokens(KEY, OLD_KEY)
    new, _ = both.issue("mp", "u1", "s1", NOW)

    assert both.verify("mp", old, NOW).subject == "u1"
    assert tokens(KEY).verify("mp", new, NOW).subject == "u1"
    with pytest.raises(NotAuthenticated):
        tokens(KEY).verify("mp", old, NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "another"},
        {"aud": ["mp", "staff"]},
        {"aud": "staff"},
        {"typ": "refresh"},
        {"exp": "4102444800"},
        {"exp": True},
        {"exp": 4102444800.5},
        {"exp": 10**30},
        {"exp": -(10**30)},
        {"exp": 253402300800},
        {"sub": ""},
        {"sid": 7},
    ],
)
def test_a_signed_token_with_a_wrong_claim_is_refused(changes: dict[str, Any]) -> None:
    token = jwt.encode(claims(**changes), KEY, "HS256")

    with pytest.raises(NotAuthenticated):
        tokens().verify("mp", token, NOW)


@pytest.mark.parametrize("missing", ["iss", "aud", "sub", "sid", "jti", "iat", "exp", "typ"])
def test_every_claim_is_required(missing: str) -> None:
    fewer = claims()
    del fewer[missing]

    with pytest.raises(NotAuthenticated):
        tokens().verify("mp", jwt.encode(fewer, KEY, "HS256"), NOW)


def unsigned(header: str, body: dict[str, Any]) -> str:
    parts = (header.encode(), json.dumps(body).encode())
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."


def test_forged_and_malformed_tokens_are_refused() -> None:
    good, _ = tokens().issue("mp", "u1", "s1", NOW)
    head, body, signature = good.split(".")
    forged = [
        jwt.encode(claims(), STRANGE_KEY, "HS256"),
        jwt.encode(claims(), KEY + KEY, "HS512"),
        unsigned('{"alg": "none", "typ": "JWT"}', claims()),
        unsigned("[" * 1400, {}),
        f"{head}.{body}.{signature[:-2]}",
        f"{head}.{body}",
        good + "." + signature,
        good + "é",
        good * 20,
        "",
        ".",
        "..",
        "Bearer " + good,
        "\ud800",
    ]

    for token in forged:
        with pytest.raises(NotAuthenticated):
            tokens().verify("mp", token, NOW)


def test_every_refresh_secret_of_a_session_is_recognised_for_that_session_alone() -> None:
    first = tokens().refresh_secret("s1", "seed")
    second = tokens().next_refresh_secret("s1", first)
    third = tokens().next_refresh_secret("s1", second)

    assert len({first, second, third}) == 3
    assert third == tokens().next_refresh_secret("s1", second)
    for secret in (first, second, third):
        assert tokens().is_refresh_secret("s1", secret)
        assert not tokens().is_refresh_secret("s2", secret)
        assert not tokens(STRANGE_KEY).is_refresh_secret("s1", secret)
        assert not tokens().is_refresh_secret("s1", f"{secret}x")


def test_refresh_secrets_are_recognised_while_the_key_is_replaced() -> None:
    secret = tokens(OLD_KEY).refresh_secret("s1", "seed")

    assert tokens(KEY, OLD_KEY).is_refresh_secret("s1", secret)
    assert not tokens(KEY).is_refresh_secret("s1", secret)


def test_an_unsigned_refresh_secret_of_a_former_version_gets_a_signed_replacement() -> None:
    unsigned_secret = "q83vEjRWeJq83vEjRWeJq83vEjRWeJq83vEjRWeJq8w"

    replacement = tokens().next_refresh_secret("s1", unsigned_secret)

    assert not tokens().is_refresh_secret("s1", unsigned_secret)
    assert tokens().is_refresh_secret("s1", replacement)


@pytest.mark.parametrize("keys", [(), ("short",), (KEY, "short")])
def test_a_weak_or_missing_key_is_refused(keys: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        JwtAccessTokens(keys, "homecare", LIFETIMES)

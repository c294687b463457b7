"""TURN credentials as coturn computes them."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

from integrations.turn_credentials import CoturnServers, credential

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
URLS = ["turn:turn.example:3478?transport=udp", "turns:turn.example:5349"]
PERSON = "p0123456789abcdef0123"


def test_the_user_name_contains_the_expiry_and_the_credential_is_its_hmac() -> None:
    (server,) = CoturnServers([], URLS, "the shared secret", lifetime_seconds=600).ice_servers(PERSON, NOW)

    assert server.urls == URLS
    assert server.username == f"{int(NOW.timestamp()) + 600}:{PERSON}"
    expected = hmac.new(b"the shared secret", server.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(server.credential) == expected


def test_later_credentials_expire_later() -> None:
    servers = CoturnServers([], URLS, "the shared secret")

    first = servers.ice_servers(PERSON, NOW)[0]
    second = servers.ice_servers(PERSON, NOW + timedelta(seconds=30))[0]

    assert int(second.username.split(":")[0]) - int(first.username.split(":")[0]) == 30
    assert second.credential != first.credential


def test_during_a_rotation_the_new_secret_signs() -> None:
    old = CoturnServers([], URLS, "the former secret").ice_servers(PERSON, NOW)[0]
    new = CoturnServers([], URLS, "the new secret").ice_servers(PERSON, NOW)[0]
    known_to_coturn = [b"the new secret", b"the former secret"]

    for server in (old, new):
        assert server.credential in [credential(secret, server.username) for secret in known_to_coturn]
    assert new.credential == credential(b"the new secret", new.username)


def test_stun_needs_no_credential_and_without_configuration_there_are_no_servers() -> None:
    (server,) = CoturnServers(["stun:stun.example"], [], "").ice_servers(PERSON, NOW)

    assert (server.urls, server.username, server.credential) == (["stun:stun.example"], "", "")
    assert CoturnServers([], [], "").ice_servers(PERSON, NOW) == []

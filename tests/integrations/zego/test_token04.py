"""token04: published vectors, binding to user and room, and refusal of invalid tokens."""

import base64
import hashlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.zego.token04 import BadToken, Claims, Mode, Token04, room_access, room_payload

SECRET = "0123456789abcdef0123456789abcdef"
NOW = 1_700_000_000
VECTOR = Claims(app_id=1234567890, user_id="guest_demo", nonce=1, ctime=NOW, expire=NOW + 7200, payload="")
TOKENS = Token04(VECTOR.app_id, SECRET)
OTHER_SECRET_TOKENS = Token04(VECTOR.app_id, SECRET[::-1])
VECTORS = [
    (Mode.GCM, b"0123456789ab", 147, 198, "69711e39b366dd7b07d3591291eb8fb0d34f909470be0d5be155b519c5880c06"),
    (Mode.CBC, b"0123456789abcdef", 140, 190, "0c20371b6585c63b6b5d126e932bf1e2a42298c959bec2f9f8a53171f5c4904f"),
]


@pytest.mark.parametrize(("mode", "iv", "raw_bytes", "characters", "digest"), VECTORS)
def test_sealing_matches_the_published_vectors(
    mode: Mode, iv: bytes, raw_bytes: int, characters: int, digest: str
) -> None:
    token = TOKENS.seal(VECTOR, mode, iv)

    assert len(base64.b64decode(token[2:])) == raw_bytes
    assert len(token) == characters
    assert hashlib.sha256(token.encode()).hexdigest() == digest


@pytest.mark.parametrize("mode", Mode)
def test_both_modes_can_be_opened(mode: Mode) -> None:
    assert TOKENS.open(TOKENS.seal(VECTOR, mode), NOW) == VECTOR


def test_a_token_is_bound_to_its_user_and_its_room() -> None:
    token = TOKENS.issue("p_guest1", room_payload("room_a", publish=False), NOW, 600)

    claims = TOKENS.open(token, NOW)
    access = room_access(claims)

    assert (claims.user_id, claims.ctime, claims.expire) == ("p_guest1", NOW, NOW + 600)
    assert access is not None
    assert access.room_id == "room_a"
    assert (access.may_log_in, access.may_publish) == (True, False)


def test_the_payload_is_the_documented_text() -> None:
    assert room_payload("r") == '{"room_id":"r","privilege":{"1":1,"2":1},"stream_id_list":null}'


def test_every_token_has_its_own_iv() -> None:
    tokens = {TOKENS.issue("guest", "", NOW, 60) for _ in range(50)}

    assert len({base64.b64decode(token[2:])[10:22] for token in tokens}) == 50


def test_an_expired_token_is_refused() -> None:
    with pytest.raises(BadToken, match="expired"):
        TOKENS.open(TOKENS.seal(VECTOR), VECTOR.expire)


def test_an_envelope_with_another_expiry_than_the_content_is_refused() -> None:
    packed = base64.b64decode(TOKENS.seal(VECTOR)[2:])
    longer = "04" + base64.b64encode(struct.pack(">q", VECTOR.expire + 60) + packed[8:]).decode()

    with pytest.raises(BadToken, match="differ"):
        TOKENS.open(longer, NOW)


@pytest.mark.parametrize("mode", Mode)
def test_a_token_of_another_secret_or_project_is_refused(mode: Mode) -> None:
    with pytest.raises(BadToken):
        TOKENS.open(OTHER_SECRET_TOKENS.seal(VECTOR, mode), NOW)
    with pytest.raises(BadToken, match="app id"):
        TOKENS.open(TOKENS.seal(VECTOR.model_copy(update={"app_id": 7}), mode), NOW)


def test_a_jwt_with_the_prefix_of_a_token_is_refused() -> None:
    with pytest.raises(BadToken):
        TOKENS.open("04eyJhbGciOiJIUzI1NiJ9.eyJhcHBfaWQiOjF9.c2lnbmF0dXJl", NOW)


@pytest.mark.parametrize("mode", Mode)
@given(data=st.data())
def test_a_damaged_token_is_refused(mode: Mode, data: st.DataObject) -> None:
    packed = bytearray(base64.b64decode(TOKENS.seal(VECTOR, mode)[2:]))
    at = data.draw(st.integers(0, len(packed) - 1))
    packed[at] ^= data.draw(st.integers(1, 255))

    try:
        claims = TOKENS.open("04" + base64.b64encode(bytes(packed)).decode(), NOW)
    except BadToken:
        return
    # CBC does not protect integrity: claims that are still well-formed must at least be of this project.
    assert mode is Mode.CBC
    assert claims.app_id == VECTOR.app_id


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: "04" + base64.b64encode(raw).decode()))
def test_arbitrary_text_is_refused_with_bad_token(text: str) -> None:
    with pytest.raises(BadToken):
        TOKENS.open(text, NOW)


@pytest.mark.parametrize("user_id", ["", "a" * 33, "guest demo", "访客", "guest\n"])
def test_a_user_id_that_sdks_do_not_accept_is_refused(user_id: str) -> None:
    with pytest.raises(ValueError, match="user id"):
        TOKENS.issue(user_id, "", NOW, 60)


@pytest.mark.parametrize(("app_id", "secret"), [(0, SECRET), (2**32, SECRET), (1, SECRET[:31]), (1, SECRET + "0")])
def test_an_invalid_app_id_or_secret_is_refused(app_id: int, secret: str) -> None:
    with pytest.raises(ValueError, match=r"must have 32|out of range"):
        Token04(app_id, secret)

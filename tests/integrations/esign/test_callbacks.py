"""Callbacks are accepted only with a valid signature of the provider, in each of its known forms."""

import base64
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from domain.contracts.errors import ForgedCallback
from domain.contracts.ports import Callback
from integrations.esign.callbacks import EsignCallbacks
from integrations.esign.signatures import public_key
from tests.integrations.esign.simulated import KEYS

NOW = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)
VERIFIER = EsignCallbacks(KEYS.platform.public_key())
MESSAGE = {
    "action": "signCompleted",
    "contractNo": "CON0001-1",
    "account": "p1",
    "status": "2",
    "signTime": "2026-05-01 16:00:00",
    "validityTime": "2026-05-31 16:00:00",
    "remark": "已签/同意",
    "timestamp": "1777622400000",
}
UNSIGNED = [(), ("remark",), ("remark", "account")]
HASHES: list[HashAlgorithm] = [SHA1(), SHA256()]  # noqa: S303  # the provider's algorithms


def signed(
    message: dict[str, Any], *without: str, algorithm: HashAlgorithm = HASHES[0], key: RSAPrivateKey = KEYS.platform
) -> dict[str, str]:
    """Signs independently of the code under test."""
    covered = {name: str(message[name]) for name in sorted(message) if name not in without}
    text = json.dumps(covered, ensure_ascii=False, separators=(",", ":"))
    signature = base64.b64encode(key.sign(text.encode(), PKCS1v15(), algorithm)).decode()
    return {**message, "sign": signature}


def read(fields: dict[str, str]) -> Callback:
    return VERIFIER.verified(fields, NOW)


@pytest.mark.parametrize("algorithm", HASHES, ids=lambda each: each.name)
@pytest.mark.parametrize("without", UNSIGNED)
def test_each_known_form_of_signature_is_accepted(without: tuple[str, ...], algorithm: HashAlgorithm) -> None:
    callback = read(signed(MESSAGE, *without, algorithm=algorithm))

    assert (callback.contract_no, callback.status, callback.action) == ("CON0001-1", "2", "signCompleted")
    assert callback.received_at == NOW


@pytest.mark.parametrize("algorithm", HASHES, ids=lambda each: each.name)
@pytest.mark.parametrize("without", UNSIGNED)
@pytest.mark.parametrize("field", sorted(MESSAGE))
def test_a_changed_field_is_refused_unless_the_signature_does_not_cover_it(
    without: tuple[str, ...], algorithm: HashAlgorithm, field: str
) -> None:
    fields = {**signed(MESSAGE, *without, algorithm=algorithm), field: "1"}

    if field in without:
        assert (
            read(fields).key == read(signed(MESSAGE, *without, algorithm=algorithm)).key
        )  # an uncovered field does not matter
    else:
        with pytest.raises(ForgedCallback):
            read(fields)


@pytest.mark.parametrize("field", sorted({*MESSAGE, "sign"}))
def test_a_missing_field_is_refused(field: str) -> None:
    fields = {name: value for name, value in signed(MESSAGE).items() if name != field}

    with pytest.raises(ForgedCallback):
        read(fields)


def test_an_additional_field_is_refused() -> None:
    with pytest.raises(ForgedCallback):
        read({**signed(MESSAGE), "extra": "1"})


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"sign": ""},
        {**MESSAGE, "sign": "AAAA"},
        {**MESSAGE, "sign": "不是base64"},
        {**MESSAGE, "sign": "A" * 344},
        signed(MESSAGE, key=KEYS.merchant),
        signed(MESSAGE, algorithm=SHA512()),
        signed(MESSAGE, "status"),
        signed(MESSAGE, "contractNo"),
        signed({**MESSAGE, "contractNo": ""}),
        signed({**MESSAGE, "contractNo": "C" * 65}),
        signed({**MESSAGE, **{f"field{number}": "x" for number in range(40)}}),
    ],
    ids=[
        *("nothing", "empty", "short", "text", "zeros", "our own key", "another hash", "status left out"),
        *("contract left out", "no contract", "long contract", "too many fields"),
    ],
)
def test_an_unverifiable_callback_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(ForgedCallback):
        read(fields)


@given(st.binary(min_size=256, max_size=256))
def test_a_random_signature_is_refused(raw: bytes) -> None:
    with pytest.raises(ForgedCallback):
        read({**MESSAGE, "sign": base64.b64encode(raw).decode()})


@given(st.dictionaries(st.text(max_size=10), st.text(max_size=20), max_size=8), st.text(max_size=30))
def test_arbitrary_fields_are_refused_without_another_error(fields: dict[str, str], sign: str) -> None:
    with pytest.raises(ForgedCallback):
        read({**fields, "sign": sign})


def test_a_platform_key_without_pem_armour_verifies() -> None:
    der = KEYS.platform.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    bare = EsignCallbacks(public_key(base64.b64encode(der).decode()))

    assert bare.verified(signed(MESSAGE), NOW).contract_no == "CON0001-1"


@pytest.mark.parametrize("without", UNSIGNED)
def test_doubly_encoded_values_and_spaces_for_plus_signs_are_accepted(without: tuple[str, ...]) -> None:
    plain = signed(MESSAGE, *without)
    encoded = {name: quote(value, safe="") for name, value in plain.items()}
    blanks = {**plain, "sign": plain["sign"].replace("+", " ")}

    assert read(encoded) == read(blanks) == read(plain)


def test_a_value_that_contains_a_percent_sign_is_accepted() -> None:
    assert read(signed({**MESSAGE, "remark": "涨价20%41"})).contract_no == "CON0001-1"


def test_repeated_callbacks_have_equal_keys_and_different_ones_differ() -> None:
    others = [
        {"contractNo": "CON0002-1"},
        {"account": "p2"},
        {"status": "4"},
        {"action": "contractChanged"},
        {"signTime": "2026-05-01 16:00:01"},
    ]

    key = read(signed(MESSAGE)).key
    keys = {read(signed({**MESSAGE, **change})).key for change in others}

    assert read(signed(MESSAGE)).key == key
    assert read(signed({**MESSAGE, "timestamp": "1777622409999"})).key == key  # a repetition has another timestamp
    assert len({key, *keys}) == 1 + len(others)


def test_two_signers_of_the_same_second_have_different_keys() -> None:
    one = read(signed({**MESSAGE, "account": "p1"}, "remark", "account"))
    two = read(signed({**MESSAGE, "account": "p2", "timestamp": "1777622400001"}, "remark", "account"))

    assert one.key != two.key


def test_only_a_callback_about_the_whole_contract_reports_failure() -> None:
    whole = {name: value for name, value in MESSAGE.items() if name != "account"}

    assert read(signed({**whole, "status": "-3"})).says_failed
    assert not read(signed({**MESSAGE, "status": "-3"})).says_failed
    assert not read(signed({**whole, "status": "4"})).says_failed

"""The signed text of requests and the loading of keys, byte for byte as the provider prescribes."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from integrations.esign.signatures import canonical_json, private_key, public_key, request_timestamp, sign, text_to_sign
from tests.integrations.esign.simulated import KEYS

BUSINESS = [
    {
        "signType": 3,
        "account": "u-001",
        "contractNo": "CT-0001",
        "signStrategyList": [{"signKey": "甲方", "attachNo": 1, "locationMode": 4}],
    }
]
"""A reference example on which independent implementations agree."""
TEXT = (
    '[{"account":"u-001","contractNo":"CT-0001",'
    '"signStrategyList":[{"attachNo":1,"locationMode":4,"signKey":"甲方"}],"signType":3}]'
)


def test_the_reference_example_gives_the_reference_texts() -> None:
    text = text_to_sign(TEXT, "100000001", "1700000600000")

    assert canonical_json(BUSINESS) == TEXT
    assert text.decode() == f"{TEXT}885f6491dd12c6ba3b43eb14dc4127201000000011700000600000"
    assert hashlib.sha1(text, usedforsecurity=False).hexdigest() == "814ac049bdfbdeed25d3c3a97d06ab408ea72f8b"


def test_the_signature_is_rsa_with_sha1_in_plain_base64() -> None:
    text = text_to_sign(TEXT, "100000001", "1700000600000")

    signature = sign(KEYS.merchant, text)

    assert "\n" not in signature
    KEYS.merchant.public_key().verify(base64.b64decode(signature, validate=True), text, PKCS1v15(), SHA1())  # noqa: S303


def test_the_timestamp_is_ten_minutes_in_the_future() -> None:
    assert request_timestamp(datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)) == "1700000600000"


def test_none_values_are_removed_and_false_values_stay() -> None:
    assert (
        canonical_json({"b": None, "a": [{"z": None, "y": 0, "x": False}], "c": ""})
        == '{"a":[{"x":false,"y":0}],"c":""}'
    )


_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(_VALUES)
def test_keys_are_sorted_at_every_depth(business: Any) -> None:
    text = canonical_json(business)

    def require_order(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        assert names == sorted(names)
        return dict(pairs)

    read = json.loads(text, object_pairs_hook=require_order)
    assert canonical_json(read) == text


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        canonical_json({"amount": 0.1})


def test_keys_load_with_and_without_pem_armour() -> None:
    der = KEYS.merchant.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    public = KEYS.platform.public_key()
    public_der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    bare = base64.encodebytes(der).decode()
    on_one_line = KEYS.merchant_private_pem.replace("\n", "\\n")

    for text in (KEYS.merchant_private_pem, bare, on_one_line):
        assert private_key(text).private_numbers() == KEYS.merchant.private_numbers()
    for text in (KEYS.platform_public_pem, base64.b64encode(public_der).decode()):
        assert public_key(text).public_numbers() == public.public_numbers()


@pytest.mark.parametrize("text", ["", "secret", "c2VjcmV0", "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END"])
def test_an_invalid_key_is_refused_without_quoting_it(text: str) -> None:
    for read in (private_key, public_key):
        with pytest.raises(ValueError, match="not an RSA key") as refused:
            read(text)
        assert refused.value.__cause__ is None
        assert "secret" not in str(refused.value)


def test_a_key_of_another_algorithm_is_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    with pytest.raises(ValueError, match="not an RSA key"):
        private_key(pem)

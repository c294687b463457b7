"""Verifies the signature of callbacks from 爱签 in its known forms. A callback that cannot be verified is forged."""

import hashlib
import json
from datetime import datetime
from typing import Final
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from domain.contracts.errors import ForgedCallback
from domain.contracts.ports import Callback, CallbackVerifier
from integrations.esign.signatures import CALLBACK_HASHES, is_valid_signature

MAX_FIELDS: Final = 40
FAILED: Final = "-3"
_UNSIGNED: Final = (frozenset[str](), frozenset({"remark"}), frozenset({"remark", "account"}))
"""The sets of fields that versions of the provider leave out of the signed text, besides `sign` itself."""


class EsignCallbacks(CallbackVerifier):
    def __init__(self, platform_key: RSAPublicKey) -> None:
        self._key = platform_key

    def verified(self, fields: dict[str, str], now: datetime) -> Callback:
        """Raises ForgedCallback. Ignores fields that the signature does not cover, also in the callback's key."""
        signature = _signature_in(fields)
        if not signature or len(fields) > MAX_FIELDS:
            raise ForgedCallback
        for sent in _decodings(fields):
            for unsigned in _UNSIGNED:
                signed = {name: value for name, value in sent.items() if name != "sign" and name not in unsigned}
                text = signed_text(signed)
                if any(is_valid_signature(self._key, signature, text, algorithm) for algorithm in CALLBACK_HASHES):
                    return _callback(signed, now)
        raise ForgedCallback


def signed_text(fields: dict[str, str]) -> bytes:
    """The text that the provider signs: compact JSON with sorted keys and text values."""
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _signature_in(fields: dict[str, str]) -> str:
    signature = fields.get("sign", "")
    if "%" in signature:
        signature = unquote(signature)
    return signature.strip().replace(" ", "+")  # base64 has no spaces: they were plus signs before form decoding


def _decodings(fields: dict[str, str]) -> list[dict[str, str]]:
    """The fields as received, and with another layer of URL encoding removed, which some callbacks have."""
    decoded = {name: unquote(value) for name, value in fields.items()}
    return [fields] if decoded == fields else [fields, decoded]


def _callback(signed: dict[str, str], now: datetime) -> Callback:
    contract_no = signed.get("contractNo", "")
    if not contract_no or len(contract_no) > 64:
        raise ForgedCallback
    parts = [signed.get(name, "") for name in ("contractNo", "account", "status", "action", "signTime")]
    if "account" not in signed:
        parts.append(signed.get("timestamp", ""))  # distinguishes two signers of the same second
    return Callback(
        key=hashlib.sha256("|".join(parts).encode()).hexdigest(),
        contract_no=contract_no,
        action=signed.get("action", "")[:40],
        status=signed.get("status", "")[:10],
        says_failed=signed.get("status") == FAILED and not signed.get("account"),
        received_at=now,
    )

"""Whether a message really comes from 爱签: its signature, in the forms that are known of it. In doubt: forged."""

import hashlib
import json
from datetime import datetime
from typing import Final
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from domain.contracts.errors import ForgedCallback
from domain.contracts.ports import Callback, CallbackVerifier
from integrations.esign.signatures import CALLBACK_HASHES, is_signature

MOST_FIELDS: Final = 40
FAILED: Final = "-3"
_UNSIGNED: Final = (frozenset[str](), frozenset({"remark"}), frozenset({"remark", "account"}))
"""Fields that one version or another of the provider leaves out of what it signs, beside `sign` itself."""


class EsignCallbacks(CallbackVerifier):
    def __init__(self, platform_key: RSAPublicKey) -> None:
        self._key = platform_key

    def verified(self, fields: dict[str, str], now: datetime) -> Callback:
        """Fields that the signature does not cover count for nothing, not even for telling repetitions apart."""
        shown = _signature_in(fields)
        if not shown or len(fields) > MOST_FIELDS:
            raise ForgedCallback
        for sent in _readings(fields):
            for unsigned in _UNSIGNED:
                signed = {name: value for name, value in sent.items() if name != "sign" and name not in unsigned}
                text = signed_text(signed)
                if any(is_signature(self._key, shown, text, algorithm) for algorithm in CALLBACK_HASHES):
                    return _callback(signed, now)
        raise ForgedCallback


def signed_text(fields: dict[str, str]) -> bytes:
    """Keys in order, values as text, compact."""
    return json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _signature_in(fields: dict[str, str]) -> str:
    shown = fields.get("sign", "")
    if "%" in shown:
        shown = unquote(shown)
    return shown.strip().replace(" ", "+")  # base64 has no blanks: those were plus signs


def _readings(fields: dict[str, str]) -> list[dict[str, str]]:
    """As it came, and with one more layer of URL encoding taken off, which some messages have."""
    decoded = {name: unquote(value) for name, value in fields.items()}
    return [fields] if decoded == fields else [fields, decoded]


def _callback(signed: dict[str, str], now: datetime) -> Callback:
    contract_no = signed.get("contractNo", "")
    if not contract_no or len(contract_no) > 64:
        raise ForgedCallback
    parts = [signed.get(name, "") for name in ("contractNo", "account", "status", "action", "signTime")]
    if "account" not in signed:
        parts.append(signed.get("timestamp", ""))  # else two signers of one second would be one message
    return Callback(
        key=hashlib.sha256("|".join(parts).encode()).hexdigest(),
        contract_no=contract_no,
        action=signed.get("action", "")[:40],
        status=signed.get("status", "")[:10],
        says_failed=signed.get("status") == FAILED and not signed.get("account"),
        received_at=now,
    )

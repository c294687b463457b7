"""Parses the provider's answer to a state query."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.contracts.signing.model import ProviderSigner, ProviderState
from domain.contracts.statuses import ProviderStatus, SignerState
from domain.shared.plain_text import clean_line
from integrations.esign.codes import PROVIDER_STATUSES, SIGNER_STATES

_PROVIDER_ZONE = ZoneInfo("Asia/Shanghai")


def provider_state_from(contract_no: str, data: Any) -> ProviderState:
    """Raises ValueError, KeyError or TypeError for a malformed answer of `getContract`."""
    code = int(data["status"])
    return ProviderState(
        contract_no=contract_no,
        status=PROVIDER_STATUSES.get(code, ProviderStatus.UNCLEAR),
        provider_code=str(code),
        signers=tuple(_signer(row) for row in data.get("signUser") or ()),
        remark=clean_line(str(data.get("remark") or ""))[:200],
        finished_at=_instant(data.get("signFinishedTime")),
    )


def deleted_state(contract_no: str, code: int) -> ProviderState:
    """The state of a contract that the provider has deleted: it can no longer be signed."""
    return ProviderState(
        contract_no=contract_no,
        status=ProviderStatus.FAILED,
        provider_code=str(code),
        remark="电子签平台已删除该合同",
    )


def _signer(row: dict[str, Any]) -> ProviderSigner:
    state = SIGNER_STATES.get(int(row.get("signStatus") or 0), SignerState.WAITING)
    return ProviderSigner(
        mark=str(row.get("signMark") or ""),
        account=str(row["account"]),
        state=state,
        signed_at=_instant(row.get("signFinishedTime")) if state is SignerState.SIGNED else None,
        link=str(row.get("signUrl") or ""),
    )


def _instant(value: Any) -> datetime | None:
    """Parses `2026-05-01 10:00:00` in the provider's time zone, or milliseconds since 1970."""
    text = str(value or "").strip()
    if not text:
        return None
    if text.isdecimal():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=_PROVIDER_ZONE).astimezone(UTC)

"""The provider's codes and their meanings. All responses have HTTP status 200; their texts are not interpreted."""

from typing import Final

from domain.contracts.errors import AlreadySigned, SigningMissing, SigningRefused, TemplateMissing
from domain.contracts.statuses import ProviderStatus, SignerState
from domain.shared.errors import DomainError, UpstreamFailed

SUCCESS: Final = 100000
BAD_SIGNATURE: Final = 100016
USER_EXISTS: Final = 100021
CONTRACT_EXISTS: Final = 100055
CONTRACT_MISSING: Final = 100066
SIGNER_ADDED: Final = 100074
CONTRACT_DELETED: Final = 100613
FULLY_SIGNED: Final = 101000
WITHDRAWN_BEFORE: Final = 101001
VOIDED_BEFORE: Final = 101002

PROVIDER_STATUSES: Final[dict[int, ProviderStatus]] = {
    0: ProviderStatus.WAITING,
    1: ProviderStatus.SIGNING,
    2: ProviderStatus.COMPLETE,
    3: ProviderStatus.EXPIRED,
    4: ProviderStatus.REJECTED,
    6: ProviderStatus.VOIDED,
    7: ProviderStatus.WITHDRAWN,
    -3: ProviderStatus.FAILED,
}
"""Status codes of a contract. -2 (abnormal), 5 (under review) and unknown codes have no status of ours."""

SIGNER_STATES: Final[dict[int, SignerState]] = {
    1: SignerState.SIGNING,
    2: SignerState.SIGNED,
    3: SignerState.WAITING,
    4: SignerState.REJECTED,
}

_MEANINGS: Final[dict[int, type[DomainError]]] = {
    CONTRACT_MISSING: SigningMissing,
    CONTRACT_DELETED: SigningMissing,
    FULLY_SIGNED: AlreadySigned,
    100050: TemplateMissing,
}
_FINAL: Final = frozenset(
    {
        *(100004, 100025, 100039, 100056, 100061, 100082, 100084, 100564, 100565, 100566, 100577, 100579, 100580),
        *(100581, 100605, 100606, 100616, 100626, 100629, 100640, USER_EXISTS, CONTRACT_EXISTS, SIGNER_ADDED),
        *(WITHDRAWN_BEFORE, VOIDED_BEFORE),
    }
)
"""Codes after which a retry would be refused as well."""

EXPECTED_CODES: Final = frozenset(
    {USER_EXISTS, CONTRACT_EXISTS, SIGNER_ADDED, CONTRACT_MISSING, FULLY_SIGNED, WITHDRAWN_BEFORE, VOIDED_BEFORE}
)
"""Codes that retries and races cause. Any other code points to a configuration error or a bug."""


class EsignRefused(Exception):
    """The provider answered with another code than success."""

    def __init__(self, operation: str, code: int) -> None:
        super().__init__(f"{operation} {code}")
        self.operation = operation
        self.code = code


def domain_error_of(refused: EsignRefused) -> DomainError:
    """The domain error of a code. Temporary and unknown codes become UpstreamFailed, which is retried later."""
    kind = _MEANINGS.get(refused.code)
    if kind is AlreadySigned:
        return AlreadySigned()
    if kind is not None:
        return kind(providerCode=refused.code)
    if refused.code in _FINAL:
        return SigningRefused(providerCode=refused.code)
    return UpstreamFailed(providerCode=refused.code)

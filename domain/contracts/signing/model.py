"""Values of signing: parties and signers, signing attempts, pending closures, and the provider's state."""

from datetime import datetime, timedelta
from typing import Final, Literal

from domain.contracts.statuses import ProviderStatus, SignerRole, SignerState
from domain.shared.actor import ActorRef
from domain.shared.model import Instant, Model

VOID_DAYS: Final = 15
"""How long the parties have to sign the voiding of a contract."""

ClosureKind = Literal["withdraw", "void"]


class Party(Model):
    """A signing person or the agency, as registered at the provider."""

    role: SignerRole
    name: str
    phone: str = ""
    id_card: str = ""
    auto: bool = False
    """True for the agency, whose seal the provider sets automatically."""


class Signer(Model):
    """A signer of one attempt. `mark` is our id of this signer; the provider returns it."""

    role: SignerRole
    name: str
    phone: str = ""
    account: str
    mark: str
    sign_order: int
    auto: bool = False
    state: SignerState = SignerState.WAITING
    signed_at: Instant | None = None


Signers = tuple[Signer, ...]


class SigningAttempt(Model):
    """One attempt to have the contract signed, stored before the provider gets it.

    `sent`: the provider has the contract and all signers. Until then the sender continues where it stopped.
    """

    number: int
    contract_no: str
    template_no: str
    requested_by: ActorRef
    requested_at: Instant
    sent: bool = False
    takes_back: str = ""
    """The number of the previous attempt when that was cancelled unsent: it may have reached the provider."""
    failures: int = 0
    problem: str = ""
    """The code of the last error."""


class PendingClosure(Model):
    """A withdrawal or voiding that staff requested. It takes effect once the provider has confirmed it."""

    kind: ClosureKind
    """`withdraw` (撤销): before all parties have signed. `void` (作废): afterwards; all parties sign the voiding."""
    reason: str = ""
    requested_by: ActorRef
    requested_at: Instant
    accepted: bool = False
    """The provider accepted the request. A voiding still needs the signatures of the parties."""
    problem: str = ""
    signers: Signers = ()
    """Of an accepted voiding: the parties, each with the state of its signature under the voiding."""

    @property
    def is_running_void(self) -> bool:
        """The parties are asked to sign the voiding."""
        return self.kind == "void" and self.accepted

    def is_stale(self, now: datetime) -> bool:
        """The time for signing the voiding is over."""
        return self.kind == "void" and now > self.requested_at + timedelta(days=VOID_DAYS + 1)


class ProviderSigner(Model):
    mark: str
    account: str
    state: SignerState
    signed_at: Instant | None = None
    link: str = ""


class ProviderState(Model):
    """The provider's answer to a state query."""

    contract_no: str
    status: ProviderStatus
    provider_code: str
    signers: tuple[ProviderSigner, ...] = ()
    remark: str = ""
    finished_at: Instant | None = None

    @property
    def is_open(self) -> bool:
        """A party can still sign or refuse."""
        return self.status in _OPEN and not self.is_complete

    @property
    def is_complete(self) -> bool:
        """All signers have signed, or the provider reports the process as complete."""
        all_signed = bool(self.signers) and all(signer.state is SignerState.SIGNED for signer in self.signers)
        return self.status is ProviderStatus.COMPLETE or (all_signed and self.status in _OPEN)


_OPEN: Final = frozenset({ProviderStatus.WAITING, ProviderStatus.SIGNING})
_PROGRESS: Final = {SignerState.WAITING: 0, SignerState.SIGNING: 1, SignerState.SIGNED: 2, SignerState.REJECTED: 2}
_UNDECIDED: Final = frozenset({SignerState.WAITING, SignerState.SIGNING})


def build_signers(contract_id: str, attempt: int, parties: tuple[Party, ...], accounts: tuple[str, ...]) -> Signers:
    """The signers of an attempt in signing order."""
    return tuple(
        Signer(
            role=party.role,
            name=party.name,
            phone=party.phone,
            account=account,
            mark=f"{contract_id}:{party.role}:{attempt}",
            sign_order=order,
            auto=party.auto,
        )
        for order, (party, account) in enumerate(zip(parties, accounts, strict=True), start=1)
    )


def merge_signers(signers: Signers, reported: tuple[ProviderSigner, ...]) -> Signers:
    """Our signers with the states that the provider reports. An outdated answer never sets a signer back."""
    return tuple(_merged(signer, each) for signer, each in _with_reported(signers, reported))


def asked_to_void(signers: Signers) -> Signers:
    """The signers of a voiding at its start: none has signed it yet."""
    return tuple(signer.model_copy(update={"state": SignerState.SIGNING, "signed_at": None}) for signer in signers)


def merge_void_signers(signers: Signers, reported: tuple[ProviderSigner, ...], now: datetime | None = None) -> Signers:
    """The signers of a voiding with the progress that the provider reports.

    The provider gives a link to each party that still has to sign the voiding. An answer without any link says nothing
    about the progress, since a voiding that all have signed is reported as voided.
    """
    found = _with_reported(signers, reported)
    if not any(each is not None and _has_to_sign(each) for _, each in found):
        return signers
    return tuple(
        signer.model_copy(update={"state": SignerState.SIGNED, "signed_at": now})
        if each is not None and signer.state is not SignerState.SIGNED and not _has_to_sign(each)
        else signer
        for signer, each in found
    )


def without_the_unsigned(signers: Signers) -> Signers:
    """The signers of a process that has ended, in which no party can sign any more."""
    return tuple(
        signer.model_copy(update={"state": SignerState.UNSIGNED}) if signer.state in _UNDECIDED else signer
        for signer in signers
    )


def _with_reported(
    signers: Signers, reported: tuple[ProviderSigner, ...]
) -> list[tuple[Signer, ProviderSigner | None]]:
    """Each signer with the provider's report about it: found by the mark, otherwise by the account."""
    by_mark = {each.mark: each for each in reported if each.mark}
    by_account = {each.account: each for each in reported}
    return [(signer, by_mark.get(signer.mark) or by_account.get(signer.account)) for signer in signers]


def _has_to_sign(reported: ProviderSigner) -> bool:
    return bool(reported.link) or reported.state in _UNDECIDED


def _merged(signer: Signer, reported: ProviderSigner | None) -> Signer:
    if reported is None or _PROGRESS[reported.state] <= _PROGRESS[signer.state]:
        return signer
    return signer.model_copy(update={"state": reported.state, "signed_at": reported.signed_at})

"""Values of a signature process: who has to sign, what has been tried, what the provider says of it."""

from datetime import datetime, timedelta
from typing import Final, Literal

from domain.contracts.statuses import ProviderStatus, SignerRole, SignerState
from domain.shared.actor import ActorRef
from domain.shared.model import Instant, Model

VOID_DAYS: Final = 15
"""How long the parties have for signing that a contract is void."""

ClosureKind = Literal["withdraw", "void"]


class Party(Model):
    """Somebody who signs, as the provider has to know them."""

    role: SignerRole
    name: str
    phone: str = ""
    id_card: str = ""
    auto: bool = False
    """The agency, whose seal is set without anybody acting."""


class Signer(Model):
    """`mark` is our own name for one signer of one attempt; the provider gives it back."""

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
    """One try to have the contract signed; written before the provider hears of it.

    `sent`: the provider has the contract and every signer. Until then the job goes on where it stopped.
    """

    number: int
    contract_no: str
    template_no: str
    requested_by: ActorRef
    requested_at: Instant
    sent: bool = False
    takes_back: str = ""
    """The number of the attempt before it, when that was given up unsent: it may have arrived all the same."""
    failures: int = 0
    problem: str = ""
    """The code of what went wrong last."""


class PendingClosure(Model):
    """What staff asked the provider to do; it counts only once the provider has done it."""

    kind: ClosureKind
    """`withdraw` (撤销: before everybody has signed) or `void` (作废: afterwards, and all parties sign that)."""
    reason: str = ""
    requested_by: ActorRef
    requested_at: Instant
    accepted: bool = False
    """The provider took it; for a void the parties still have to sign."""
    problem: str = ""

    def is_stale(self, now: datetime) -> bool:
        """The parties' time for signing a void is over."""
        return self.kind == "void" and now > self.requested_at + timedelta(days=VOID_DAYS + 1)


class ProviderSigner(Model):
    mark: str
    account: str
    state: SignerState
    signed_at: Instant | None = None
    link: str = ""


class ProviderState(Model):
    """What the provider said when it was asked."""

    contract_no: str
    status: ProviderStatus
    provider_code: str
    signers: tuple[ProviderSigner, ...] = ()
    remark: str = ""
    finished_at: Instant | None = None

    @property
    def is_open(self) -> bool:
        """Somebody can still sign, or refuse."""
        return self.status in _OPEN and not self.is_complete

    @property
    def is_complete(self) -> bool:
        """Every signer has signed, or the provider says so of the whole."""
        everyone = bool(self.signers) and all(signer.state is SignerState.SIGNED for signer in self.signers)
        return self.status is ProviderStatus.COMPLETE or (everyone and self.status in _OPEN)


_OPEN: Final = frozenset({ProviderStatus.WAITING, ProviderStatus.SIGNING})
_PROGRESS: Final = {SignerState.WAITING: 0, SignerState.SIGNING: 1, SignerState.SIGNED: 2, SignerState.REJECTED: 2}


def build_signers(contract_id: str, attempt: int, parties: tuple[Party, ...], accounts: tuple[str, ...]) -> Signers:
    """In the order in which they sign."""
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


def merged(signers: Signers, seen: tuple[ProviderSigner, ...]) -> Signers:
    """Our signers with what was seen of them. An answer that was overtaken takes nobody back to where they were."""
    by_mark = {observed.mark: observed for observed in seen if observed.mark}
    by_account = {observed.account: observed for observed in seen}
    return tuple(_merged(signer, by_mark.get(signer.mark) or by_account.get(signer.account)) for signer in signers)


def _merged(signer: Signer, seen: ProviderSigner | None) -> Signer:
    if seen is None or _PROGRESS[seen.state] <= _PROGRESS[signer.state]:
        return signer
    return signer.model_copy(update={"state": seen.state, "signed_at": seen.signed_at})

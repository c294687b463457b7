"""Staff have a contract signed, look how far it is, and take it back."""

from datetime import datetime

from domain.contracts.data_scope import EVERYTHING, MANAGING_ROLES, DataScope, scope_of
from domain.contracts.drafting.party_checks import PartyChecks
from domain.contracts.drafting.template_catalogue import TemplateCatalogue
from domain.contracts.errors import NotSignedYet, PartiesIncomplete, TransitionNotAllowed
from domain.contracts.history import Cause
from domain.contracts.lifecycle import require_transition, transition
from domain.contracts.model import Contract
from domain.contracts.ports import SigningProvider
from domain.contracts.signing.model import ClosureKind, PendingClosure, SigningAttempt, build_signers
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.contracts.signing.provider_sync import ProviderSync
from domain.contracts.signing.sign_links import SignLinks
from domain.contracts.signing.signing_order import signing_parties
from domain.contracts.statuses import CancelReason, ContractStatus
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.errors import PermissionDenied

PATIENCE_SECONDS = 3.0
"""A request that asked the provider for something waits so long for its effect, and no longer."""

S = ContractStatus


class ContractSigning:
    def __init__(
        self,
        contracts: ContractUnitOfWork,
        checks: PartyChecks,
        catalogue: TemplateCatalogue,
        provider: SigningProvider,
        sync: ProviderSync,
        links: SignLinks,
        schedule: PollingSchedule,
    ) -> None:
        self._contracts = contracts
        self._checks = checks
        self._catalogue = catalogue
        self._provider = provider
        self._sync = sync
        self.links = links
        self._schedule = schedule

    async def initiate(
        self,
        contract_id: str,
        template_no: str,
        by: StaffAuthority,
        actor: Actor,
        expected_version: int | None = None,
        *,
        again: bool = False,
    ) -> Contract:
        """Have it signed; the provider is told right afterwards. `again`: after a first try that came to nothing.

        Raises ContractNotFound, ContractVersionConflict, TransitionNotAllowed, PartiesIncomplete, TemplateMismatch,
        TemplateMissing, WorkerBlacklisted, WorkerNotReleased, SuccessorExists.
        """
        found = await self._contracts.find(contract_id, scope_of(by))
        self._require_ready(found, template_no, again)
        await self._require_original(found)
        await self._checks.require_worker_available(found, by.id)
        chosen = template_no or found.esign_template_no
        await self._catalogue.require_fits(chosen, found)

        def begin(contract: Contract, now: datetime) -> Contract:
            self._require_ready(contract, template_no, again)
            number = contract.attempt_number + 1
            former = contract.esign_attempt
            attempt = SigningAttempt(
                number=number,
                contract_no=f"{contract.contract_number}-{number}",
                template_no=template_no or contract.esign_template_no,
                requested_by=actor.ref(),
                requested_at=now,
                takes_back=former.contract_no if former and not former.sent else "",
            )
            parties = signing_parties(contract, self._provider.agency())
            accounts = tuple(self._provider.account_of(party) for party in parties)
            return transition(
                contract,
                S.SIGNING,
                actor.ref(),
                now,
                esign_attempt=attempt,
                esign_template_no=attempt.template_no,
                esign_contract_no=attempt.contract_no,
                esign_created_at=now,
                signers=build_signers(contract.id, number, parties, accounts),
                esign_polls=0,
                # For whoever finds it, should this worker die before it told the provider.
                esign_next_poll_at=self._schedule.next_poll(now, 0),
                last_updated_by=by.id,
            )

        contract = await self._contracts.change(contract_id, begin, actor, scope_of(by), expected_version)
        self._sync.request_sync(contract.id)
        return contract

    async def withdraw(self, contract_id: str, reason: str, by: StaffAuthority, actor: Actor) -> Contract:
        """撤销, before everybody has signed. It counts once the provider has done it: perhaps after this returns."""
        return await self._close(contract_id, "withdraw", S.SIGNING, reason, by, actor)

    async def void(self, contract_id: str, reason: str, by: StaffAuthority, actor: Actor) -> Contract:
        """作废 a contract in force: the parties are asked to sign that it is void, and until then it stays in force.

        Raises PermissionDenied for anybody but managers.
        """
        if by.role not in MANAGING_ROLES:
            raise PermissionDenied
        return await self._close(contract_id, "void", S.ACTIVE, reason, by, actor)

    async def cancel(self, contract_id: str, reason: str, by: StaffAuthority, actor: Actor) -> Contract:
        """Whichever of discarding, withdrawing and voiding ends this contract."""
        contract = await self._contracts.find(contract_id, scope_of(by))
        if contract.contract_status is S.SIGNING:
            return await self.withdraw(contract_id, reason, by, actor)
        if contract.contract_status is S.ACTIVE:
            return await self.void(contract_id, reason, by, actor)
        return await self.discard(contract_id, reason, by, actor)

    async def discard(self, contract_id: str, reason: str, by: StaffAuthority, actor: Actor) -> Contract:
        """A draft that is not wanted any more."""

        def discarded(contract: Contract, now: datetime) -> Contract:
            fields = {"cancel_reason": CancelReason.DISCARDED, "cancel_note": reason}
            return transition(contract, S.CANCELLED, actor.ref(), now, reason, **fields)

        return await self._contracts.change(contract_id, discarded, actor, scope_of(by))

    async def sync(self, contract_id: str, scope: DataScope) -> Contract:
        """Ask the provider now instead of waiting for it to tell."""
        contract = await self._contracts.find(contract_id, scope)
        await self._sync.sync_within(contract.id, PATIENCE_SECONDS)
        return await self._contracts.find(contract_id, scope)

    async def signed_contract(self, contract_id: str, scope: DataScope) -> Contract:
        """A contract whose PDF can be downloaded: everybody has signed it. Raises NotSignedYet."""
        contract = await self._contracts.find(contract_id, scope)
        if contract.signed_snapshot is None:
            raise NotSignedYet
        return contract

    async def preview(self, contract_id: str, scope: DataScope) -> str:
        """Where the document can be looked at while it is being signed. Raises TransitionNotAllowed before that."""
        contract = await self._contracts.find(contract_id, scope)
        if not contract.esign_contract_no or not contract.signers:
            raise TransitionNotAllowed(current=str(contract.contract_status), requested="preview")
        return await self._provider.preview(contract.esign_contract_no, contract.signers[0].account)

    async def _require_original(self, contract: Contract) -> None:
        """What it replaces or renews is in force: what was replaced or voided since is not gone on with.
        Raises TransitionNotAllowed."""
        if original_id := contract.replaces_contract_id or contract.renews_contract_id:
            original = await self._contracts.find(original_id, EVERYTHING)
            if original.contract_status is not S.ACTIVE:
                raise TransitionNotAllowed(current=str(original.contract_status), hindrance="original_not_in_force")

    def _require_ready(self, contract: Contract, template_no: str, again: bool) -> None:
        if again != (contract.contract_status is S.CANCELLED):
            raise TransitionNotAllowed(current=str(contract.contract_status), requested=str(S.SIGNING))
        require_transition(contract, S.SIGNING)
        chosen = contract.model_copy(update={"esign_template_no": template_no or contract.esign_template_no})
        if missing := chosen.missing_to_sign():
            raise PartiesIncomplete(missing=missing)

    async def _close(
        self,
        contract_id: str,
        kind: ClosureKind,
        status: ContractStatus,
        reason: str,
        by: StaffAuthority,
        actor: Actor,
    ) -> Contract:
        cause = Cause.WITHDRAWAL_ASKED if kind == "withdraw" else Cause.VOID_ASKED

        def asked(contract: Contract, now: datetime) -> Contract:
            if contract.contract_status is not status:
                raise TransitionNotAllowed(current=str(contract.contract_status), requested=str(S.CANCELLED))
            if contract.closure is not None and not contract.closure.problem:
                return contract  # asked before
            closure = PendingClosure(kind=kind, reason=reason, requested_by=actor.ref(), requested_at=now)
            due = self._schedule.next_poll(now, 0)
            return contract.changed(
                now, cause, actor.ref(), reason, closure=closure, esign_polls=0, esign_next_poll_at=due
            )

        await self._contracts.change(contract_id, asked, actor, scope_of(by))
        await self._sync.sync_within(contract_id, PATIENCE_SECONDS)
        return await self._contracts.find(contract_id, scope_of(by))

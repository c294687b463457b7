"""Use cases of signing for staff: start, query, withdraw, void, discard, preview and download."""

from datetime import datetime

from domain.contracts.drafting.party_checks import PartyChecks
from domain.contracts.drafting.succession import require_change_of, require_in_force
from domain.contracts.drafting.template_catalogue import TemplateCatalogue
from domain.contracts.errors import NotSignedYet, PartiesIncomplete, TransitionNotAllowed
from domain.contracts.history import Cause
from domain.contracts.lifecycle import require_transition, transition
from domain.contracts.model import Contract
from domain.contracts.ports import SigningProvider
from domain.contracts.roles import MANAGING_ROLES, contract_scope
from domain.contracts.signing.model import ClosureKind, PendingClosure, SigningAttempt, build_signers
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.contracts.signing.preview import SigningPreview, preview_of
from domain.contracts.signing.provider_sync import ProviderSync
from domain.contracts.signing.sign_links import SignLinks
from domain.contracts.signing.signing_order import signing_parties
from domain.contracts.statuses import CancelReason, ContractStatus
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.errors import PermissionDenied
from domain.shared.scope import EVERYTHING, Scope

SYNC_TIMEOUT_SECONDS = 3.0
"""The longest time that a request waits for the effect of its call to the provider."""

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
        """Start signing; the contract is sent to the provider right afterwards. `again`: after a cancelled attempt.

        Raises ContractNotFound, ContractVersionConflict, TransitionNotAllowed, PartiesIncomplete, TemplateMismatch,
        TemplateMissing, WorkerBlacklisted, WorkerNotReleased, SuccessorExists.
        """
        found = await self._contracts.find(contract_id, contract_scope(by))
        self._require_ready(found, template_no, again)
        await self._require_original_in_force(found)
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
                # Lets another app process send the contract if this one stops before.
                esign_next_poll_at=self._schedule.next_poll(now, 0),
                last_updated_by=by.id,
            )

        contract = await self._contracts.change(contract_id, begin, actor, contract_scope(by), expected_version)
        self._sync.request_sync(contract.id)
        return contract

    async def withdraw(self, contract_id: str, reason: str, by: StaffAuthority, actor: Actor) -> Contract:
        """撤销 before all parties have signed. Takes effect when the provider confirms, perhaps after this returns."""
        return await self._request_closure(contract_id, "withdraw", S.SIGNING, reason, by, actor)

    async def void(self, contract_id: str, reason: str, by: StaffAuthority, actor: Actor) -> Contract:
        """作废 a contract in force. The contract stays in force until all parties have signed the voiding.

        Raises PermissionDenied for staff below manager.
        """
        if by.role not in MANAGING_ROLES:
            raise PermissionDenied
        return await self._request_closure(contract_id, "void", S.ACTIVE, reason, by, actor)

    async def cancel(self, contract_id: str, reason: str, by: StaffAuthority, actor: Actor) -> Contract:
        """Discard a draft, withdraw during signing, void in force."""
        contract = await self._contracts.find(contract_id, contract_scope(by))
        if contract.contract_status is S.SIGNING:
            return await self.withdraw(contract_id, reason, by, actor)
        if contract.contract_status is S.ACTIVE:
            return await self.void(contract_id, reason, by, actor)
        return await self.discard(contract_id, reason, by, actor)

    async def discard(self, contract_id: str, reason: str, by: StaffAuthority, actor: Actor) -> Contract:
        """Cancel a draft."""

        def discarded(contract: Contract, now: datetime) -> Contract:
            fields = {"cancel_reason": CancelReason.DISCARDED, "cancel_note": reason}
            return transition(contract, S.CANCELLED, actor.ref(), now, reason, **fields)

        return await self._contracts.change(contract_id, discarded, actor, contract_scope(by))

    async def sync(self, contract_id: str, scope: Scope) -> Contract:
        """Query the provider now instead of waiting for a callback."""
        contract = await self._contracts.find(contract_id, scope)
        await self._sync.sync_within(contract.id, SYNC_TIMEOUT_SECONDS)
        return await self._contracts.find(contract_id, scope)

    async def signed_contract(self, contract_id: str, scope: Scope) -> Contract:
        """A contract whose signed PDF can be downloaded. Raises NotSignedYet before all parties have signed."""
        contract = await self._contracts.find(contract_id, scope)
        if contract.signed_snapshot is None:
            raise NotSignedYet
        return contract

    async def draft_preview(self, contract_id: str, scope: Scope) -> SigningPreview:
        """The recipients and the document that starting to sign would send.

        Raises ContractNotFound, TransitionNotAllowed once signing has started, PartiesIncomplete, TemplateMissing, and
        the provider's errors.
        """
        contract = await self._contracts.find(contract_id, scope)
        require_transition(contract, S.SIGNING)
        if not contract.esign_template_no:
            raise PartiesIncomplete(missing=["esignTemplateNo"])
        template = await self._catalogue.template(contract.esign_template_no)
        name = await self._catalogue.name_of(contract.esign_template_no)
        return preview_of(template, name, contract.terms(), signing_parties(contract, self._provider.agency()))

    async def preview(self, contract_id: str, scope: Scope) -> str:
        """The address at which the document can be viewed. Raises TransitionNotAllowed before signing has started."""
        contract = await self._contracts.find(contract_id, scope)
        if not contract.esign_contract_no or not contract.signers:
            raise TransitionNotAllowed(current=str(contract.contract_status), requested="preview")
        return await self._provider.preview(contract.esign_contract_no, contract.signers[0].account)

    async def _require_original_in_force(self, contract: Contract) -> None:
        """Raises TransitionNotAllowed when the contract that this one replaces or renews is no longer in force, or is
        about to be voided."""
        if original_id := contract.replaces_contract_id or contract.renews_contract_id:
            original = await self._contracts.find(original_id, EVERYTHING)
            require_in_force(original, "original_not_in_force")
            if contract.replaces_contract_id:
                require_change_of(original, contract)

    def _require_ready(self, contract: Contract, template_no: str, again: bool) -> None:
        if again != (contract.contract_status is S.CANCELLED):
            raise TransitionNotAllowed(current=str(contract.contract_status), requested=str(S.SIGNING))
        require_transition(contract, S.SIGNING)
        chosen = contract.model_copy(update={"esign_template_no": template_no or contract.esign_template_no})
        if missing := chosen.missing_to_sign():
            raise PartiesIncomplete(missing=missing)

    async def _request_closure(
        self,
        contract_id: str,
        kind: ClosureKind,
        status: ContractStatus,
        reason: str,
        by: StaffAuthority,
        actor: Actor,
    ) -> Contract:
        cause = Cause.WITHDRAWAL_REQUESTED if kind == "withdraw" else Cause.VOID_REQUESTED

        def requested(contract: Contract, now: datetime) -> Contract:
            if contract.contract_status is not status:
                raise TransitionNotAllowed(current=str(contract.contract_status), requested=str(S.CANCELLED))
            if contract.is_closing:
                return contract  # already requested
            closure = PendingClosure(kind=kind, reason=reason, requested_by=actor.ref(), requested_at=now)
            due = self._schedule.next_poll(now, 0)
            return contract.changed(
                now, cause, actor.ref(), reason, closure=closure, esign_polls=0, esign_next_poll_at=due
            )

        await self._contracts.change(contract_id, requested, actor, contract_scope(by))
        await self._sync.sync_within(contract_id, SYNC_TIMEOUT_SECONDS)
        return await self._contracts.find(contract_id, contract_scope(by))

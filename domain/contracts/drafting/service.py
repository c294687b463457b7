"""Writing contracts: new ones, changes of a draft, a change of worker (换人), a renewal (续签), another owner."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from domain.contracts.data_scope import MANAGING_ROLES, UNRESTRICTED_ROLES, DataScope, scope_of
from domain.contracts.drafting.party_checks import PartyChecks, require_valid_terms
from domain.contracts.errors import (
    ContractExists,
    IdempotencyKeyReused,
    NumberTaken,
    TermsFrozen,
    TransitionNotAllowed,
)
from domain.contracts.history import Cause, HistoryEntry
from domain.contracts.model import OPEN, Contract
from domain.contracts.ports import ContractLookups, ContractRepository, StaffDirectory
from domain.contracts.statuses import CAN_BE_SIGNED_AGAIN, ContractStatus
from domain.contracts.terms import CONTACT_FIELDS, ContractTerms, wire_name
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.business_day import business_day
from domain.shared.errors import Conflict, InvalidRequest, PermissionDenied
from domain.shared.model import Model
from domain.shared.ports import Clock, IdGenerator

_NUMBERS_TRIED = 3
SAME_IN_A_RENEWAL = ("customer_name", "customer_id_card", "worker_name", "worker_id_card")
"""Whom a contract is with. A telephone number or an address may be another by then."""


class IdempotencyKey(Model):
    """Identifies a repeated creation request (`Idempotency-Key`). Empty `key`: the request is not idempotent."""

    key: str = ""
    digest: str = ""
    """Of the request's body: the same key with another body is an error."""


class CreationResult(Model):
    contract: Contract
    is_new: bool


class ContractDrafting:
    def __init__(
        self,
        contracts: ContractUnitOfWork,
        repository: ContractRepository,
        lookups: ContractLookups,
        checks: PartyChecks,
        staff: StaffDirectory,
        clock: Clock,
        ids: IdGenerator,
    ) -> None:
        self._contracts = contracts
        self._repository = repository
        self._lookups = lookups
        self._checks = checks
        self._staff = staff
        self._clock = clock
        self._ids = ids

    async def check(self, terms: ContractTerms) -> list[str]:
        """What is still missing for signing. Raises UnknownParty."""
        completed = await self._checks.completed(terms)
        return [*completed.missing_to_sign(), *completed.contradictions()]

    async def create(
        self,
        terms: ContractTerms,
        by: StaffAuthority,
        actor: Actor,
        idempotency: IdempotencyKey,
        *,
        second_order: bool = False,
    ) -> CreationResult:
        """A draft. Raises InvalidRequest, UnknownParty, WorkerBlacklisted, WorkerNotReleased, IdempotencyKeyReused, and
        ContractExists with the contract that this customer has, unless a second order is meant."""

        async def draft() -> Contract:
            whole = await self._sound(terms, by)
            if not second_order and not whole.is_training:
                await self._require_first_order(whole.customer_phone, scope_of(by))
            return await self._add(whole, by, actor, idempotency, additional_order=second_order or whole.is_training)

        return await self._once(idempotency, draft)

    async def update(
        self,
        contract_id: str,
        fields: Mapping[str, Any],
        expected_version: int | None,
        by: StaffAuthority,
        actor: Actor,
    ) -> Contract:
        """Raises ContractNotFound, ContractVersionConflict, TermsFrozen, InvalidRequest."""

        def edit(contract: Contract, now: datetime) -> Contract:
            changed = {name: value for name, value in fields.items() if getattr(contract, name) != value}
            if not changed:
                return contract
            if frozen := changed.keys() - editable_terms(contract):
                raise TermsFrozen(fields=[wire_name(name) for name in sorted(frozen - CONTACT_FIELDS)])
            edited = contract.with_terms(changed)
            require_valid_terms(edited)
            names = "、".join(sorted(wire_name(name) for name in changed))
            by_whom = actor.ref()
            return edited.changed(now, Cause.EDITED, by_whom, names[:200], last_updated_by=by.id)

        return await self._contracts.change(contract_id, edit, actor, scope_of(by), expected_version)

    async def change_worker(
        self, original_id: str, terms: Mapping[str, Any], by: StaffAuthority, actor: Actor, idempotency: IdempotencyKey
    ) -> CreationResult:
        """A draft that takes the original's place once it is signed; until then the original stays in force.

        Raises TransitionNotAllowed unless the original is a housekeeping contract in force, SuccessorExists, and what
        `create` raises.
        """
        original = await self._in_force(original_id, scope_of(by))
        today = business_day(self._clock.now())
        own = {"customer_name", "customer_phone", "customer_id_card", "customer_address", "customer_id", "end_date"}
        carried = original.terms().model_dump()
        fields = {name: value for name, value in terms.items() if name not in own}
        new_worker = {name: "" for name in carried if name.startswith("worker_") and isinstance(carried[name], str)}
        params = {**original.template_params, **fields.pop("template_params", {})}
        merged = ContractTerms.model_validate(
            {**carried, **new_worker, "start_date": today, **fields, "template_params": params}
        )
        return await self._follow(original, merged, by, actor, idempotency, replaces_contract_id=original.id)

    async def renew(
        self,
        original_id: str,
        end: date,
        terms: Mapping[str, Any],
        by: StaffAuthority,
        actor: Actor,
        idempotency: IdempotencyKey,
    ) -> CreationResult:
        """A draft for the time after the original's, with its parties. Raises as `change_worker`, and RenewalExists."""
        original = await self._in_force(original_id, scope_of(by))
        start = (original.end_date or business_day(self._clock.now())) + timedelta(days=1)
        carried = original.terms().model_dump()
        merged = ContractTerms.model_validate({**carried, "start_date": start, **dict(terms), "end_date": end})
        _require_renewal_of(carried, merged, start)
        return await self._follow(original, merged, by, actor, idempotency, renews_contract_id=original.id)

    async def assign(self, contract_id: str, to: str, reason: str, by: StaffAuthority, actor: Actor) -> Contract:
        """Give it to another member of staff. Raises PermissionDenied, InvalidRequest, ContractNotFound."""
        if by.role not in UNRESTRICTED_ROLES:
            raise PermissionDenied
        if not await self._staff.is_active(to):
            raise InvalidRequest(
                fields=[{"field": "assignedTo", "problem": "员工不存在或已停用 / no such active staff"}]
            )

        def hand_over(contract: Contract, now: datetime) -> Contract:
            if contract.created_by == to:
                return contract
            return contract.changed(now, Cause.ASSIGNED, actor.ref(), reason, created_by=to, last_updated_by=by.id)

        return await self._contracts.change(contract_id, hand_over, actor, scope_of(by))

    async def assignable(self, by: StaffAuthority) -> list[tuple[str, str, str]]:
        if by.role not in MANAGING_ROLES and by.role not in UNRESTRICTED_ROLES:
            raise PermissionDenied
        return list(await self._staff.assignable())

    async def _require_first_order(self, phone: str, scope: DataScope) -> None:
        for known in await self._lookups.of_customer_phone(phone):
            if known.contract_status in OPEN and not known.is_training:
                raise ContractExists(candidate=_candidate(known, scope))

    async def _in_force(self, original_id: str, scope: DataScope) -> Contract:
        original = await self._contracts.find(original_id, scope)
        if original.is_training or original.contract_status is not ContractStatus.ACTIVE:
            raise TransitionNotAllowed(current=str(original.contract_status), hindrance="not_in_force")
        return original

    async def _follow(
        self,
        original: Contract,
        terms: ContractTerms,
        by: StaffAuthority,
        actor: Actor,
        idempotency: IdempotencyKey,
        **link: str,
    ) -> CreationResult:
        async def draft() -> Contract:
            whole = await self._sound(terms, by)
            return await self._add(
                whole, by, actor, idempotency, additional_order=True, owner=original.created_by, **link
            )

        return await self._once(idempotency, draft)

    async def _sound(self, terms: ContractTerms, by: StaffAuthority) -> ContractTerms:
        whole = await self._checks.completed(terms)
        require_valid_terms(whole)
        await self._checks.require_worker_available(whole, by.id)
        return whole

    async def _once(self, idempotency: IdempotencyKey, make: Callable[[], Awaitable[Contract]]) -> CreationResult:
        """Made once for each idempotency key, also when it is asked for twice at the same moment."""
        if idempotency.key and (known := await self._repository.find_by_idempotency_key(idempotency.key)):
            return _repeated(known, idempotency)
        try:
            return CreationResult(contract=await make(), is_new=True)
        except Conflict:
            known = await self._repository.find_by_idempotency_key(idempotency.key) if idempotency.key else None
            if known is None:
                raise
            return _repeated(known, idempotency)

    async def _add(
        self,
        terms: ContractTerms,
        by: StaffAuthority,
        actor: Actor,
        idempotency: IdempotencyKey,
        owner: str = "",
        **fields: Any,
    ) -> Contract:
        for attempt in range(1, _NUMBERS_TRIED + 1):
            now = self._clock.now()
            contract = Contract(
                **dict(terms),
                id=self._ids.next_id(),
                contract_number=self._number(now),
                created_by=owner or by.id,
                last_updated_by=by.id,
                idempotency_key=idempotency.key,
                request_digest=idempotency.digest,
                created_at=now,
                updated_at=now,
                history=(HistoryEntry(at=now, cause=Cause.CREATED, by=actor.ref(), to_status=ContractStatus.DRAFT),),
                **fields,
            )
            try:
                return await self._contracts.add(contract, actor)
            except NumberTaken:
                if attempt == _NUMBERS_TRIED:
                    raise
        raise AssertionError("the last try returns or raises")

    def _number(self, now: datetime) -> str:
        """`CON`, the last eight digits of the milliseconds, and six that nobody can foretell."""
        digest = hashlib.sha256(self._ids.secret().encode()).digest()
        return f"CON{int(now.timestamp() * 1000) % 10**8:08d}{int.from_bytes(digest[:8]) % 10**6:06d}"


def editable_terms(contract: Contract) -> frozenset[str]:
    """Names of the terms that may change now: all before signing, then how to reach people, none at the end."""
    if contract.is_terminal:
        return frozenset()
    before_signing = contract.contract_status is ContractStatus.DRAFT or (
        contract.contract_status is ContractStatus.CANCELLED and contract.cancel_reason in CAN_BE_SIGNED_AGAIN
    )
    return frozenset(ContractTerms.model_fields) if before_signing else CONTACT_FIELDS


def _repeated(known: Contract, idempotency: IdempotencyKey) -> CreationResult:
    if known.request_digest != idempotency.digest:
        raise IdempotencyKeyReused
    return CreationResult(contract=known, is_new=False)


def _candidate(contract: Contract, scope: DataScope) -> dict[str, object]:
    """Enough to choose; somebody else's contract is only said to be there."""
    shown: dict[str, object] = {"contractStatus": str(contract.contract_status), "isYours": False}
    if scope.covers(contract.created_by):
        shown |= {
            "id": contract.id,
            "contractNumber": contract.contract_number,
            "workerName": contract.worker_name,
            "startDate": contract.start_date.isoformat() if contract.start_date else None,
            "endDate": contract.end_date.isoformat() if contract.end_date else None,
            "canChangeWorker": contract.contract_status is ContractStatus.ACTIVE,
            "isYours": True,
        }
    return shown


def _require_renewal_of(carried: Mapping[str, Any], renewed: ContractTerms, earliest: date) -> None:
    """Raises InvalidRequest naming the fields in which it is a contract of other people, or of a time that is taken."""
    others = [name for name in SAME_IN_A_RENEWAL if carried[name] and getattr(renewed, name) != carried[name]]
    same = "续签不能更换当事人 / a renewal is with the same people"
    problems = [{"field": wire_name(name), "problem": same} for name in others]
    if renewed.start_date is None or renewed.start_date < earliest:
        problems.append(
            {"field": "startDate", "problem": "早于原合同到期日次日 / before the day after the original's end"}
        )
    if problems:
        raise InvalidRequest(fields=problems)

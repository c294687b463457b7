"""Use cases that write contracts: create, edit, change the worker (换人), renew (续签), assign to another owner."""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime
from typing import Any

from domain.contracts.drafting.first_order import FirstOrders
from domain.contracts.drafting.party_checks import PartyChecks, require_valid_terms
from domain.contracts.drafting.succession import (
    first_day_of_change,
    first_day_of_renewal,
    require_change_of,
    require_in_force,
    require_renewal_of,
)
from domain.contracts.errors import (
    IdempotencyKeyReused,
    NumberTaken,
    TermsFrozen,
    TransitionNotAllowed,
)
from domain.contracts.history import Cause, HistoryEntry
from domain.contracts.model import Contract
from domain.contracts.ports import ContractLookups, ContractRepository, StaffDirectory
from domain.contracts.roles import MANAGING_ROLES, UNRESTRICTED_ROLES, contract_scope
from domain.contracts.statuses import CAN_BE_SIGNED_AGAIN, ContractStatus
from domain.contracts.terms import ALL_TERMS, CONTACT_FIELDS, TRAINING_FIELDS, ContractTerms, wire_name
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.business_day import business_day
from domain.shared.errors import Conflict, InvalidRequest, PermissionDenied
from domain.shared.model import Model
from domain.shared.ports import Clock, IdGenerator
from domain.shared.scope import Scope

_NUMBERS_TRIED = 3


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
        self._first_orders = FirstOrders(lookups)
        self._checks = checks
        self._staff = staff
        self._clock = clock
        self._ids = ids

    async def check(self, terms: ContractTerms) -> list[str]:
        """The fields that signing requires and the terms lack or contradict. Raises UnknownParty."""
        completed = await self._checks.completed_from_records(terms)
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
        """Create a draft. `second_order`: also for a customer who already has a contract.

        Raises InvalidRequest, UnknownParty, WorkerBlacklisted, WorkerNotReleased, IdempotencyKeyReused, ContractExists.
        """

        async def draft() -> Contract:
            await self._checks.require_customer_in_scope(terms, by)
            complete = await self._validated(terms, by)
            if not second_order and not complete.is_training:
                await self._first_orders.require_first(complete, contract_scope(by))
            return await self._create(
                complete, by, actor, idempotency, additional_order=second_order or complete.is_training
            )

        return await self._create_once(idempotency, draft)

    async def update(
        self,
        contract_id: str,
        fields: Mapping[str, Any],
        expected_version: int | None,
        by: StaffAuthority,
        actor: Actor,
    ) -> Contract:
        """Raises ContractNotFound, ContractVersionConflict, TermsFrozen, InvalidRequest, ContractExists."""
        found = await self._contracts.find(contract_id, contract_scope(by))
        if fields.get("customer_id", found.customer_id) != found.customer_id:
            await self._checks.require_customer_in_scope(found.with_terms(fields), by)
        original = await self._original_of(found)
        if _before_signing(found):
            await self._first_orders.require_still_first(found, fields, contract_scope(by))

        def edit(contract: Contract, now: datetime) -> Contract:
            changed = {name: value for name, value in fields.items() if getattr(contract, name) != value}
            if not changed:
                return contract
            if frozen := changed.keys() - editable_terms(contract):
                raise TermsFrozen(fields=[wire_name(name) for name in sorted(frozen - CONTACT_FIELDS)])
            edited = contract.with_terms(changed)
            require_valid_terms(edited, business_day(now), {wire_name(name) for name in changed})
            if original is not None and _before_signing(contract):
                _require_successor_of(original, edited, contract)
            names = "、".join(sorted(wire_name(name) for name in changed))
            by_whom = actor.ref()
            return edited.changed(now, Cause.EDITED, by_whom, names[:200], last_updated_by=by.id)

        return await self._contracts.change(contract_id, edit, actor, contract_scope(by), expected_version, found)

    async def change_worker(
        self, original_id: str, terms: Mapping[str, Any], by: StaffAuthority, actor: Actor, idempotency: IdempotencyKey
    ) -> CreationResult:
        """Create a draft that replaces the original once it is signed. Until then the original stays in force.

        Raises TransitionNotAllowed unless the original is a housekeeping contract in force whose voiding does not run,
        SuccessorExists, and what `create` raises.
        """
        original = await self._original_in_force(original_id, contract_scope(by))
        today = business_day(self._clock.now())
        own = {"customer_name", "customer_phone", "customer_id_card", "customer_address", "customer_id", "end_date"}
        carried = _carried(original)
        fields = {name: value for name, value in terms.items() if name not in own}
        new_worker = {name: "" for name in carried if name.startswith("worker_") and isinstance(carried[name], str)}
        params = {**original.template_params, **fields.pop("template_params", {})}
        start = first_day_of_change(original, today)
        merged = ContractTerms.model_validate(
            {**carried, **new_worker, "start_date": start, **fields, "template_params": params}
        )
        require_change_of(original, merged)
        return await self._create_successor(original, merged, by, actor, idempotency, replaces_contract_id=original.id)

    async def renew(
        self,
        original_id: str,
        end: date,
        terms: Mapping[str, Any],
        by: StaffAuthority,
        actor: Actor,
        idempotency: IdempotencyKey,
    ) -> CreationResult:
        """Create a draft for the time after the original's end, with the same parties.

        Raises the errors of `change_worker` and RenewalExists.
        """
        original = await self._original_in_force(original_id, contract_scope(by))
        start = first_day_of_renewal(original, business_day(self._clock.now()))
        merged = ContractTerms.model_validate(
            {**_carried(original), "start_date": start, **dict(terms), "end_date": end}
        )
        require_renewal_of(original, merged)
        return await self._create_successor(original, merged, by, actor, idempotency, renews_contract_id=original.id)

    async def assign(self, contract_id: str, to: str, reason: str, by: StaffAuthority, actor: Actor) -> Contract:
        """Assign the contract to another staff member. Raises PermissionDenied, InvalidRequest, ContractNotFound."""
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

        return await self._contracts.change(contract_id, hand_over, actor, contract_scope(by))

    async def assignable(self, by: StaffAuthority) -> list[tuple[str, str, str]]:
        if by.role not in MANAGING_ROLES and by.role not in UNRESTRICTED_ROLES:
            raise PermissionDenied
        return list(await self._staff.assignable())

    async def _original_of(self, contract: Contract) -> Contract | None:
        """The contract that this one replaces or renews."""
        original_id = contract.replaces_contract_id or contract.renews_contract_id
        return await self._repository.find(original_id) if original_id else None

    async def _original_in_force(self, original_id: str, scope: Scope) -> Contract:
        original = await self._contracts.find(original_id, scope)
        if original.is_training:
            raise TransitionNotAllowed(current=str(original.contract_status), hindrance="not_in_force")
        require_in_force(original, "not_in_force")
        return original

    async def _create_successor(
        self,
        original: Contract,
        terms: ContractTerms,
        by: StaffAuthority,
        actor: Actor,
        idempotency: IdempotencyKey,
        **link: str,
    ) -> CreationResult:
        async def draft() -> Contract:
            complete = await self._validated(terms, by)
            return await self._create(
                complete, by, actor, idempotency, additional_order=True, owner=original.created_by, **link
            )

        return await self._create_once(idempotency, draft)

    async def _validated(self, terms: ContractTerms, by: StaffAuthority) -> ContractTerms:
        complete = await self._checks.completed_from_records(terms)
        require_valid_terms(complete, business_day(self._clock.now()), ALL_TERMS)
        await self._checks.require_worker_available(complete, by.id)
        return complete

    async def _create_once(
        self, idempotency: IdempotencyKey, make: Callable[[], Awaitable[Contract]]
    ) -> CreationResult:
        """Create once for each idempotency key, also when two requests with the same key run at the same time."""
        if idempotency.key and (known := await self._repository.find_by_idempotency_key(idempotency.key)):
            return _repeated(known, idempotency)
        try:
            return CreationResult(contract=await make(), is_new=True)
        except Conflict:
            known = await self._repository.find_by_idempotency_key(idempotency.key) if idempotency.key else None
            if known is None:
                raise
            return _repeated(known, idempotency)

    async def _create(
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
        """`CON`, the last eight digits of the time in milliseconds, and six unpredictable digits."""
        digest = hashlib.sha256(self._ids.secret().encode()).digest()
        return f"CON{int(now.timestamp() * 1000) % 10**8:08d}{int.from_bytes(digest[:8]) % 10**6:06d}"


def editable_terms(contract: Contract) -> frozenset[str]:
    """Names of the terms that may change now: all before signing, then the contact details, none in a final status."""
    if contract.is_terminal:
        return frozenset()
    return frozenset(ContractTerms.model_fields) if _before_signing(contract) else CONTACT_FIELDS


def _before_signing(contract: Contract) -> bool:
    return contract.contract_status is ContractStatus.DRAFT or (
        contract.contract_status is ContractStatus.CANCELLED and contract.cancel_reason in CAN_BE_SIGNED_AGAIN
    )


def _carried(original: Contract) -> dict[str, Any]:
    """The terms that a successor takes over; an older document may have terms of another category."""
    return {name: value for name, value in original.terms().model_dump().items() if name not in TRAINING_FIELDS}


def _require_successor_of(original: Contract, terms: ContractTerms, contract: Contract) -> None:
    if contract.replaces_contract_id:
        require_change_of(original, terms)
    else:
        require_renewal_of(original, terms)


def _repeated(known: Contract, idempotency: IdempotencyKey) -> CreationResult:
    if known.request_digest != idempotency.digest:
        raise IdempotencyKeyReused
    return CreationResult(contract=known, is_new=False)

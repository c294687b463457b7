"""Checks of the parties before a contract is created or signed."""

from collections.abc import Collection
from datetime import date

from domain.contracts.errors import UnknownParty, WorkerBlacklisted, WorkerNotReleased
from domain.contracts.ports import PartyRecord, PartyRecords
from domain.contracts.terms import ContractTerms, validated_terms
from domain.shared.authority import StaffAuthority
from domain.shared.errors import InvalidRequest
from domain.shared.id_card import has_birthday
from domain.shared.scope import Resource, scope_of


class PartyChecks:
    def __init__(self, parties: PartyRecords) -> None:
        self._parties = parties

    async def completed_from_records(self, terms: ContractTerms) -> ContractTerms:
        """The terms with empty party fields filled from customer and worker records. Raises UnknownParty."""
        found: dict[str, str] = {}
        if terms.customer_id:
            customer = await self._parties.customer(terms.customer_id)
            found |= _missing_fields(terms, "customer", _required(customer, "customerId"))
        if terms.worker_id:
            worker = await self._parties.worker(terms.worker_id)
            found |= _missing_fields(terms, "worker", _required(worker, "workerId"))
        if not found:
            return terms
        try:
            return validated_terms({**terms.model_dump(), **found})
        except ValueError:  # an old record may hold an invalid phone or card number; the fields then stay empty
            return terms

    async def require_customer_in_scope(self, terms: ContractTerms, by: StaffAuthority) -> None:
        """A draft shows what it takes from the customer's record, so its author must be able to see that. Raises
        UnknownParty."""
        customer = await self._parties.customer(terms.customer_id) if terms.customer_id else None
        if customer is None or customer.people is None:
            return
        if not scope_of(by, Resource.CUSTOMER).covers(*customer.people):
            raise UnknownParty(field="customerId")

    async def require_worker_available(self, terms: ContractTerms, staff_id: str) -> None:
        """Raises WorkerBlacklisted, WorkerNotReleased."""
        if terms.is_training:
            return
        if await self._parties.is_blacklisted(terms.worker_phone, terms.worker_id_card):
            raise WorkerBlacklisted
        if terms.worker_id and not await self._parties.is_released_for(terms.worker_id, staff_id):
            raise WorkerNotReleased


def require_valid_terms(terms: ContractTerms, today: date, stated: Collection[str]) -> None:
    """Raises InvalidRequest naming the missing and the wrong fields.

    `stated`: the wire names of the terms that this request sets. Others may be older than the rules about them.
    """
    problems = [{"field": name, "problem": "必填 / required"} for name in terms.missing_for_draft()]
    problems += [
        {"field": name, "problem": "与其他字段矛盾 / contradicts another field"} for name in terms.contradictions()
    ]
    problems += [
        {"field": name, "problem": "家政合同没有此项 / a housekeeping contract has no such field"}
        for name in terms.foreign_terms()
        if name in stated
    ]
    problems += [
        {"field": name, "problem": "出生日期不存在 / an impossible birthday"}
        for name in terms.unborn(today)
        if name in stated
    ]
    if problems:
        raise InvalidRequest(fields=problems)


def _required(party: PartyRecord | None, field: str) -> PartyRecord:
    if party is None:
        raise UnknownParty(field=field)
    return party


def _missing_fields(terms: ContractTerms, who: str, party: PartyRecord) -> dict[str, str]:
    values = {
        f"{who}_name": party.name,
        f"{who}_phone": party.phone,
        f"{who}_id_card": party.id_card if has_birthday(party.id_card) else "",
        f"{who}_address": party.address,
    }
    return {name: value for name, value in values.items() if value and not getattr(terms, name)}

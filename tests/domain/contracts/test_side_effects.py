"""The side effects that a change of a contract requests: their keys and what they say."""

from domain.contracts.change_events import ContractChangeEvents
from domain.contracts.events import (
    ContractSideEffect,
    ContractStatusChanged,
    CustomerFollowUpDue,
    InboxMessageDue,
    InsuranceSyncDue,
)
from domain.contracts.model import Contract
from domain.shared.actor import SYSTEM
from domain.shared.events import DomainEvent
from tests.domain.contracts.builders import active, signing
from tests.domain.contracts.fakes import CountedIds, SetClock


def events_of(before: Contract, after: Contract) -> list[DomainEvent]:
    return ContractChangeEvents(SetClock(), CountedIds()).of(before, after, SYSTEM)


def side_effects(events: list[DomainEvent]) -> list[ContractSideEffect]:
    return [event for event in events if isinstance(event, ContractSideEffect)]


def test_the_same_change_requests_the_same_side_effects_by_key() -> None:
    before = signing(1, customer_id="a" * 24, worker_id="b" * 24)
    after = active(1, customer_id="a" * 24, worker_id="b" * 24)

    first, second = events_of(before, after), events_of(before, after)

    requested = side_effects(first)
    assert sorted(effect.type for effect in requested) == [
        "contract.customer_follow_up",
        "contract.inbox_message",
        "contract.insurance_sync",
        "contract.staff_notice",
        *["contract.staff_notice"] * 2,
        "contract.worker_follow_up",
    ]
    assert len({effect.key for effect in requested}) == len(requested)
    assert [effect.key for effect in side_effects(second)] == [effect.key for effect in requested]
    assert any(isinstance(event, ContractStatusChanged) for event in first)


def test_every_side_effect_goes_to_the_event_stream() -> None:
    requested = side_effects(events_of(signing(1, customer_id="a" * 24), active(1, customer_id="a" * 24)))

    assert requested
    assert all(effect.published for effect in requested)


def test_no_side_effect_holds_a_phone_or_card_number() -> None:
    contract = active(1, customer_id="a" * 24)

    stored = str([effect.to_record() for effect in side_effects(events_of(signing(1), contract))])

    for number in (contract.customer_phone, contract.worker_phone, contract.customer_id_card, contract.worker_id_card):
        assert number not in stored


def test_every_side_effect_says_what_it_is_for() -> None:
    events = events_of(signing(1, customer_id="a" * 24), active(1))

    insurance = next(event for event in events if isinstance(event, InsuranceSyncDue))
    inbox = next(event for event in events if isinstance(event, InboxMessageDue))

    assert (insurance.policy, insurance.predecessor_id) == ("bind", "")
    assert (inbox.kind, inbox.key) == ("contract_signed", f"{1:024x}:inbox:1:active")
    assert not [event for event in events if isinstance(event, CustomerFollowUpDue)]  # there is no record to follow

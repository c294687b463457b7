"""The mapping of contracts to documents for legacy readers of the database: amounts in yuan, references as ObjectIds.

Our own code reads the integer fen beside them (`workerSalaryFen`). The yuan are written with every save and never read.
"""

from typing import Any, Final

from bson import ObjectId

from domain.contracts.model import Contract
from domain.shared.money import yuan_of_fen
from integrations.mongo.repository import Document, reference

AMOUNTS: Final = {
    "worker_salary_fen": "workerSalary",
    "customer_service_fee_fen": "customerServiceFee",
    "worker_service_fee_fen": "workerServiceFee",
    "deposit_fen": "deposit",
    "final_payment_fen": "finalPayment",
    "course_amount_fen": "courseAmount",
    "service_fee_amount_fen": "serviceFeeAmount",
}
REFERENCES: Final = {
    "customer_id": "customerId",
    "worker_id": "workerId",
    "created_by": "createdBy",
    "last_updated_by": "lastUpdatedBy",
    "training_lead_id": "trainingLeadId",
    "replaces_contract_id": "replacesContractId",
    "replaced_by_contract_id": "replacedByContractId",
    "renews_contract_id": "renewsContractId",
    "renewed_by_contract_id": "renewedByContractId",
}


def legacy_fields(contract: Contract) -> Document:
    """The fields that only legacy readers use."""
    amounts = {name: getattr(contract, field) for field, name in AMOUNTS.items()}
    references = {name: reference(getattr(contract, field)) for field, name in REFERENCES.items()}
    return {**{name: None if fen is None else yuan_of_fen(fen) for name, fen in amounts.items()}, **references}


def own_fields(document: Document) -> Document:
    """The document with our own fields only, references as texts."""
    fields = {name: value for name, value in document.items() if name not in AMOUNTS.values()}
    return {name: _text(value) if name in REFERENCES.values() else value for name, value in fields.items()}


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, ObjectId) else value

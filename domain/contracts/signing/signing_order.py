"""The parties that sign a contract, in signing order."""

from domain.contracts.model import Contract
from domain.contracts.signing.model import Party
from domain.contracts.statuses import OrderCategory, SignerRole


def signing_parties(contract: Contract, agency: Party) -> tuple[Party, ...]:
    """Housekeeping: customer, worker, and the agency's seal last. Training: the agency's seal first, then the student.

    People always sign in person. Only the agency signs automatically.
    """
    customer = Party(
        role=SignerRole.CUSTOMER,
        name=contract.customer_name,
        phone=contract.customer_phone,
        id_card=contract.customer_id_card,
    )
    if contract.order_category is OrderCategory.TRAINING:
        return agency, customer
    worker = Party(
        role=SignerRole.WORKER, name=contract.worker_name, phone=contract.worker_phone, id_card=contract.worker_id_card
    )
    return customer, worker, agency

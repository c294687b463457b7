"""All routes of contracts, in the order in which they are matched: literal paths before those of one contract."""

from http_api.endpoint import Endpoint
from http_api.routes import (
    contract_approvals,
    contract_board,
    contract_deletion,
    contract_documents,
    contract_signing,
    contracts,
    contracts_customers,
    contracts_miniprogram,
    esign,
    esign_callback,
    training_orders,
)


def contract_endpoints() -> list[Endpoint]:
    return [
        *contracts_miniprogram.endpoints.all,
        *contracts.twins.mini.all,
        *contract_signing.twins.mini.all,
        *contract_documents.twins.mini.all,
        *contract_board.endpoints.all,
        *contracts.twins.crm.all,
        *contract_signing.twins.crm.all,
        *contract_documents.twins.crm.all,
        *contract_deletion.endpoints.all,
        *contracts_customers.endpoints.all,
        *contracts_customers.students.all,
        *contract_approvals.endpoints.all,
        *training_orders.endpoints.all,
        *esign_callback.endpoints.all,
        *esign.endpoints.all,
    ]

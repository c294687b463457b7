"""All routes of contracts, in the order in which they are matched: literal paths before those of one contract."""

from http_api.core.endpoint import Endpoint
from http_api.routes.contracts import (
    board,
    contracts,
    customers,
    deletion,
    deletion_requests,
    documents,
    esign,
    esign_callback,
    miniprogram,
    signing,
    training_orders,
)


def contract_endpoints() -> list[Endpoint]:
    return [
        *miniprogram.endpoints.all,
        *contracts.twins.mini.all,
        *signing.twins.mini.all,
        *documents.twins.mini.all,
        *board.endpoints.all,
        *contracts.twins.crm.all,
        *signing.twins.crm.all,
        *documents.twins.crm.all,
        *deletion.endpoints.all,
        *customers.endpoints.all,
        *customers.students.all,
        *deletion_requests.endpoints.all,
        *training_orders.endpoints.all,
        *esign_callback.endpoints.all,
        *esign.endpoints.all,
    ]

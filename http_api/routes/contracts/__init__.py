"""The routes of the contracts area."""

from typing import Final

from http_api.core.endpoint import Endpoint
from http_api.routes.contracts import (
    board,
    contracts,
    contracts_by_number,
    customers,
    deletion,
    deletion_approvals,
    documents,
    esign_callback,
    export,
    insurance_sync,
    lookups,
    milestones,
    signing,
    signing_preview,
    staff_miniprogram,
    tasks,
    templates,
    training_orders,
)

_ALIASED = (lookups.aliases, contracts.aliases, signing.aliases, documents.aliases, insurance_sync.aliases)

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *staff_miniprogram.endpoints.all,
    *(endpoint for aliases in _ALIASED for endpoint in aliases.mini_program.all),
    *board.endpoints.all,
    *export.endpoints.all,
    *(endpoint for aliases in _ALIASED for endpoint in aliases.crm.all),
    *milestones.endpoints.all,
    *signing_preview.endpoints.all,
    *tasks.endpoints.all,
    *training_orders.contract_paths.all,
    *deletion.endpoints.all,
    *customers.endpoints.all,
    *customers.students.all,
    *deletion_approvals.endpoints.all,
    *training_orders.endpoints.all,
    *esign_callback.endpoints.all,
    *templates.endpoints.all,
    *contracts_by_number.endpoints.all,
)
"""In matching order: literal paths (`/board`, `/assignable-users`) before `/{contract_id}`."""

"""The route that requests another insurance synchronisation (保险同步); also under the staff mini-program's path."""

from domain.contracts.errors import TransitionNotAllowed
from domain.shared.text import Text
from http_api.core.endpoint import EntityId
from http_api.core.request_context import RequestContext
from http_api.routes.contracts.common import CONTRACT_ERRORS, WRITE, contracts_of, scope
from http_api.routes.contracts.contract_answers import ContractDetail, detail
from http_api.routes.contracts.path_aliases import PathAliases

aliases = PathAliases()


@aliases.both(
    "POST",
    "/{contract_id}/sync-insurance",
    "/sync-insurance/{contract_id}",
    audit="contract.sync-insurance",
    message=Text("已提交保险同步", "Insurance will be synchronised"),
    raises=(*CONTRACT_ERRORS, TransitionNotAllowed),
    example={},
    **WRITE,
)
async def sync_insurance(context: RequestContext, contract_id: EntityId) -> ContractDetail:
    """重新同步保险 · synchronise the insurance once more"""
    insurance = contracts_of(context).insurance
    return await detail(context, await insurance.request(contract_id, scope(context), context.actor))

"""Shared by the routes of contracts: permissions, error lists, route presets, and access to the use cases."""

from typing import Annotated, Any, Final

from pydantic import StringConstraints

from domain.contracts.errors import ContractNotFound, ContractVersionConflict
from domain.contracts.roles import contract_scope
from domain.contracts.services import ContractServices
from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from domain.shared.model import Model
from domain.shared.plain_text import PRINTABLE_ASCII, one_line, several_lines
from domain.shared.scope import Scope
from domain.shared.text import Text
from http_api.core.access import Staff
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import RequestContext
from http_api.core.route_constants import FETCHED, STAFF_ERRORS

TAG: Final = Text("合同", "Contracts")
ESIGN_TAG: Final = Text("电子签", "E-signing")

VIEW: Final = Staff("contract:view")
CREATE: Final = Staff("contract:create")
EDIT: Final = Staff("contract:edit")
DELETE: Final = Staff("contract:delete")

READ: Final[dict[str, Any]] = {"access": VIEW, "rate_limit": RateLimit.READ, "message": FETCHED}
"""Preset of a route that reads contracts."""
WRITE: Final[dict[str, Any]] = {"access": EDIT, "rate_limit": RateLimit.WRITE}
"""Preset of a route that changes a contract."""

CONTRACT_ERRORS: Final = (*STAFF_ERRORS, ContractNotFound)
"""Errors of a route about one contract."""
EDIT_ERRORS: Final = (*CONTRACT_ERRORS, ContractVersionConflict)
PROVIDER_ERRORS: Final = (UpstreamFailed, UpstreamTimedOut)

Reason = Annotated[str, several_lines(200, required=True)]
OptionalReason = Annotated[str, several_lines(200)]
TemplateNo = Annotated[str, one_line(64)]
PaymentNumber = Annotated[str, StringConstraints(min_length=4, max_length=64, pattern=PRINTABLE_ASCII)]
"""The number of a payment or of its receipt."""
ContractNumber = Annotated[str, one_line(40)]
"""Our contract number, or the provider's number of the current signing attempt."""


class ReasonBody(Model):
    reason: OptionalReason = ""


def contracts_of(context: RequestContext) -> ContractServices:
    return context.services.contracts


def scope(context: RequestContext) -> Scope:
    return contract_scope(context.staff)

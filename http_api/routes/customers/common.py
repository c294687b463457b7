"""Shared by the routes of customers: permissions, error lists, route presets, and texts."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import Field

from domain.customers.errors import CustomerNotFound
from domain.customers.ownership.service import RowResult
from domain.customers.services import CustomerServices
from domain.shared.model import Model
from domain.shared.plain_text import several_lines
from domain.shared.text import Language, Text
from http_api.core.access import Staff
from http_api.core.endpoint import EntityId
from http_api.core.rate_limits import RateLimit
from http_api.core.request_context import RequestContext
from http_api.core.route_constants import FETCHED, STAFF_ERRORS

PREFIX: Final = "/api/customers"
TAG: Final = Text("客户", "Customers")

VIEW: Final = Staff("customer:view")
EDIT: Final = Staff("customer:edit")
ASSIGN: Final = Staff("customer:assign")
POOL: Final = Staff("customer:pool")

READ: Final[dict[str, Any]] = {"access": VIEW, "rate_limit": RateLimit.READ, "message": FETCHED}
"""Preset of a route that reads customers."""
CUSTOMER_ERRORS: Final = (*STAFF_ERRORS, CustomerNotFound)
"""Errors of a route about one customer."""
CustomerIds = Annotated[list[EntityId], Field(min_length=1, max_length=100)]

Reason = Annotated[str, several_lines(200, required=True)]
OptionalReason = Annotated[str, several_lines(200)]


class RowError(Model):
    customer_id: str
    code: str
    error: str


class BatchResult(Model):
    """The numbers of customers for which it was done and refused, and each refusal."""

    success: int
    failed: int
    errors: list[RowError]

    @classmethod
    def of(cls, rows: Sequence[RowResult], language: Language) -> "BatchResult":
        errors = [
            RowError(
                customer_id=row.customer_id,
                code=row.refusal.code,
                error=row.refusal.shown_text.in_language(language),
            )
            for row in rows
            if row.refusal is not None
        ]
        return cls(success=len(rows) - len(errors), failed=len(errors), errors=errors)


def customers_of(context: RequestContext) -> CustomerServices:
    return context.services.customers

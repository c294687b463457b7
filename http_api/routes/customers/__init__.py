"""The routes of the customers area, in matching order."""

from typing import Final

from http_api.core.endpoint import Endpoint
from http_api.routes.customers import (
    customers,
    dictionaries,
    follow_ups,
    leads,
    lookups,
    miniprogram,
    ownership,
    pool,
    recycling,
    reports,
    responses,
    timeline,
    transfer_records,
    transfer_rules,
    views,
)

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    *leads.endpoints.all,
    *leads.mini_program.all,
    *miniprogram.ENDPOINTS,
    *lookups.endpoints.all,
    *pool.endpoints.all,
    *recycling.endpoints.all,
    *views.endpoints.all,
    *follow_ups.mini_program.all,
    *follow_ups.endpoints.all,
    *responses.endpoints.all,
    *reports.endpoints.all,
    *ownership.endpoints.all,
    *timeline.endpoints.all,
    *customers.endpoints.all,
    *dictionaries.endpoints.all,
    *transfer_rules.endpoints.all,
    *transfer_records.endpoints.all,
)

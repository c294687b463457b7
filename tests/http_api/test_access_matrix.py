"""Every role × every route of staff, generated from the declarations: who is let in, and who is not."""

import itertools
import re

from domain.shared.authority import Role, permits
from domain.staff.permissions import ROLE_PERMISSIONS
from http_api.all_routes import ENDPOINTS
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoint
from tests.contract_api import ContractApi

GUARDED = [each for each in ENDPOINTS if isinstance(each.access, Staff) and each.access.permissions]


def permissions_of(endpoint: Endpoint) -> tuple[str, ...]:
    assert isinstance(endpoint.access, Staff)
    return endpoint.access.permissions


def path_of(endpoint: Endpoint) -> str:
    """With ids that no record has: a caller who is let in finds nothing to change."""
    return re.sub(r"\{\w+\}", "0" * 24, endpoint.path)


async def test_a_role_reaches_the_routes_of_its_permissions_and_no_others(api: ContractApi) -> None:
    tokens = {role: (await api.stores.hired(role))[1] for role in Role}
    wrong = []
    for role, endpoint in itertools.product(Role, GUARDED):
        needed = permissions_of(endpoint)
        body: object = None if endpoint.method == "GET" else {}
        answer = await api.call(endpoint.method, path_of(endpoint), body, tokens[role])
        details = (answer.body.get("details") or {}) if isinstance(answer.body, dict) else {}
        refused = answer.code == "PERMISSION_DENIED" and details.get("needs") == list(needed)
        allowed = any(permits(ROLE_PERMISSIONS[role], each) for each in needed)
        if refused == allowed:
            wrong.append((role, endpoint.name, answer.status, answer.code))

    assert len(GUARDED) > 80
    assert wrong == []


async def test_without_a_token_no_route_of_staff_is_reached(api: ContractApi) -> None:
    routes = [each for each in ENDPOINTS if isinstance(each.access, Staff)]
    answers = {each.name: (await api.call(each.method, path_of(each))).status for each in routes}

    assert {name: status for name, status in answers.items() if status != 401} == {}

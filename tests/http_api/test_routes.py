"""What every route must say about itself."""

import json
from typing import Any

from openapi_spec_validator import validate

from domain.staff.permissions import PERMISSIONS
from http_api.access import Staff
from http_api.openapi import openapi_document
from http_api.routes import all_endpoints


def test_every_permission_that_a_route_asks_for_exists() -> None:
    for endpoint in all_endpoints():
        if isinstance(endpoint.access, Staff):
            assert set(endpoint.access.permissions) <= PERMISSIONS, endpoint.name


def test_no_route_hides_behind_another() -> None:
    names = [endpoint.name for endpoint in all_endpoints()]

    assert len(names) == len(set(names))


def test_every_body_has_an_example() -> None:
    for endpoint in all_endpoints():
        if endpoint.body is not None:
            assert endpoint.example is not None, endpoint.name
            endpoint.body.model_validate_json(json.dumps(endpoint.example))


def test_the_api_document_is_valid_openapi() -> None:
    document: dict[str, Any] = openapi_document(all_endpoints())

    validate(document)
    assert document["openapi"] == "3.1.0"

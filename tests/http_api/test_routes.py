"""Rules for the declaration of every route."""

import json
from typing import Any

from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from domain.staff.permissions import PERMISSIONS
from http_api.all_routes import ENDPOINTS
from http_api.core.access import Staff
from http_api.core.openapi import openapi_document


def test_every_permission_that_a_route_requires_exists() -> None:
    for endpoint in ENDPOINTS:
        if isinstance(endpoint.access, Staff):
            assert set(endpoint.access.permissions) <= PERMISSIONS, endpoint.name


def test_no_two_routes_have_the_same_method_and_path() -> None:
    names = [endpoint.name for endpoint in ENDPOINTS]

    assert len(names) == len(set(names))


def test_every_body_has_an_example() -> None:
    for endpoint in ENDPOINTS:
        if endpoint.body is not None:
            assert endpoint.example is not None, endpoint.name
            endpoint.body.model_validate_json(json.dumps(endpoint.example))


def test_every_answer_has_an_example_that_its_schema_allows() -> None:
    document = openapi_document(ENDPOINTS)
    documented = [
        (f"{method} {path} {status}", content)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        for status, answer in operation["responses"].items()
        for kind, content in answer["content"].items()
        if kind == "application/json"
    ]

    for name, content in documented:
        schema = {**content["schema"], "components": document["components"]}
        shown = [each["value"] for each in content["examples"].values()]
        assert shown, name
        for example in shown:
            assert Draft202012Validator(schema).is_valid(example), name


def test_requests_that_may_take_long_name_the_refusals_of_tasks() -> None:
    paths = openapi_document(ENDPOINTS)["paths"]
    links = paths["/api/contracts/{contract_id}/resend-sign-urls"]["post"]["responses"]
    document = paths["/api/contracts/{contract_id}/document"]["get"]["responses"]

    assert "202" in links
    assert "TASKS_TOO_MANY" in links["429"]["description"]
    assert "TASK_RESULT_TOO_LARGE" in document["422"]["description"]


def test_the_api_document_is_valid_openapi() -> None:
    document: dict[str, Any] = openapi_document(ENDPOINTS)

    validate(document)
    assert document["openapi"] == "3.1.0"


def test_operation_ids_are_unique_and_come_from_method_and_path() -> None:
    document: dict[str, Any] = openapi_document(ENDPOINTS)
    ids = [operation["operationId"] for operations in document["paths"].values() for operation in operations.values()]

    assert len(set(ids)) == len(ids)
    assert document["paths"]["/api/contracts/{contract_id}"]["get"]["operationId"] == "get_contracts_by_contract_id"

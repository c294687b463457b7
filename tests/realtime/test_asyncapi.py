"""The AsyncAPI document is valid and complete."""

import json

import jsonschema

from realtime.asyncapi import asyncapi_document, client_events
from realtime.namespaces.registry import NAMESPACES
from tests.realtime.official_clients import CLIENTS, install_clients


def test_it_is_a_valid_asyncapi_document() -> None:
    install_clients()
    schema = json.loads((CLIENTS / "node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json").read_text())

    jsonschema.Draft7Validator(schema).validate(asyncapi_document())


def test_it_has_every_namespace_push_and_client_event() -> None:
    document = asyncapi_document()

    for namespace in NAMESPACES:
        channel = document["channels"][namespace.name.strip("/")]
        pushes, events = {push.event for push in namespace.pushes}, set(client_events(namespace))
        both = {f"{event}.sent" for event in events & pushes}
        assert channel["address"] == namespace.name
        assert set(channel["messages"]) == pushes | events | both | {"serverDraining", "forcedOffline"}
        assert "authenticate" in events


def test_events_between_peers_are_described_in_both_directions() -> None:
    messages = asyncapi_document()["components"]["messages"]

    assert messages["interview.offer"]["payload"] == {"$ref": "#/components/schemas/SessionPush"}
    assert messages["interview.offer.sent"]["payload"] == {"$ref": "#/components/schemas/Offer"}


def test_every_reference_resolves() -> None:
    document = asyncapi_document()
    text = json.dumps(document)

    for reference in {part.split('"')[0] for part in text.split('"$ref": "#/')[1:]}:
        node = document
        for key in reference.split("/"):
            node = node[key]
        assert node


def test_no_payload_is_a_text_which_would_be_taken_for_an_offset() -> None:
    schemas = asyncapi_document()["components"]["schemas"]

    for namespace in NAMESPACES:
        for push in namespace.pushes:
            assert schemas[push.payload.__name__]["type"] in ("object", "integer")
            assert not (push.must_arrive and push.latest_only)

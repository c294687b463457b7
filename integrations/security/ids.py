"""Generates document ids and unguessable secrets."""

import secrets

from bson import ObjectId

from domain.shared.ports import IdGenerator


class ObjectIds(IdGenerator):
    def next_id(self) -> str:
        return str(ObjectId())

    def secret(self) -> str:
        return secrets.token_urlsafe(32)

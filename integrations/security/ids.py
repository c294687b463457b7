"""Ids of documents, and secrets that nobody guesses."""

import secrets

from bson import ObjectId

from domain.shared.ports import IdGenerator


class ObjectIds(IdGenerator):
    def next_id(self) -> str:
        return str(ObjectId())

    def secret(self) -> str:
        return secrets.token_urlsafe(32)

"""Protocols of a connected client: the credential that it shows, and the identity that the credential proves."""

from datetime import datetime
from typing import Protocol


class Credential(Protocol):
    """A verified token or ticket. Staff access tokens and the tickets of interview guests satisfy it."""

    @property
    def subject(self) -> str:
        """The `id` of the visitor."""

    @property
    def session_id(self) -> str: ...

    @property
    def expires_at(self) -> datetime: ...


class Visitor(Protocol):
    """The identity behind a connection. Staff authorities and the tickets of interview guests satisfy it."""

    @property
    def id(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def role(self) -> str: ...

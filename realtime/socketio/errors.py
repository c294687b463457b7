"""Errors that a namespace raises when it decides on a CONNECT."""


class Refused(Exception):
    """The client receives a `connect_error` with `message` and `data.code`; from an event handler, an error answer."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class TryAgain(Exception):
    """The decision is not possible now: the connection is closed. The official client then reconnects by itself and
    sends what it needs to be recovered; after a refusal it would not."""

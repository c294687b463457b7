"""Transport of the tokens of a device (domain/shared/known_devices.py): by a header, or a cookie as well."""

from collections.abc import Mapping

from domain.shared.known_devices import DEVICE_LIFETIME, KnownDevices
from http_api.core.request_context import RequestContext

DEVICE_HEADER = "X-Device-Token"
_MAX_LENGTH = 600


def presented_device(context: RequestContext, cookie: str = "") -> str:
    """The tokens in the header, else in the cookie of this name."""
    request = context.request
    presented = request.headers.get(DEVICE_HEADER, "") or request.cookies.get(cookie, "")
    return presented if len(presented) <= _MAX_LENGTH and presented.isascii() else ""


def device_header(context: RequestContext, devices: KnownDevices, account_id: str) -> Mapping[str, str]:
    """The header of an answer to a log-in: what the device sends with its next one."""
    return {DEVICE_HEADER: devices.remember(account_id, presented_device(context))}


def device_cookie(name: str, tokens: str, path: str, *, secure: bool) -> str:
    """A `Set-Cookie` value; no script can read the cookie."""
    seconds = int(DEVICE_LIFETIME.total_seconds())
    flag = "; Secure" if secure else ""
    return f"{name}={tokens}; Max-Age={seconds}; Path={path}; HttpOnly; SameSite=Strict{flag}"

"""A live connection of a staff member, and the device that its user agent names."""

import re
from typing import Final

from domain.shared.model import Instant, Model

_SYSTEMS: Final = (
    ("iPhone", re.compile(r"iPhone")),
    ("iPad", re.compile(r"iPad")),
    ("Android", re.compile(r"Android")),
    ("HarmonyOS", re.compile(r"HarmonyOS|OpenHarmony")),
    ("Windows", re.compile(r"Windows")),
    ("macOS", re.compile(r"Macintosh|Mac OS X")),
    ("Linux", re.compile(r"Linux|X11")),
)
# The most specific first: nearly every user agent also contains the names below its own.
_PROGRAMS: Final = (
    ("微信小程序", re.compile(r"miniProgram", re.I)),
    ("企业微信", re.compile(r"wxwork", re.I)),
    ("微信", re.compile(r"MicroMessenger", re.I)),
    ("Edge", re.compile(r"Edg[A-Z]*/")),
    ("QQ", re.compile(r"QQBrowser")),
    ("Firefox", re.compile(r"Firefox/|FxiOS/")),
    ("Chrome", re.compile(r"Chrome/|CriOS/")),
    ("Safari", re.compile(r"Version/.*Safari/")),
    ("Python", re.compile(r"Python|aiohttp", re.I)),
    ("Node", re.compile(r"node", re.I)),
)
_MAX_USER_AGENT_LENGTH: Final = 256


class Connection(Model):
    """One open connection of a staff member. `id` is public; it grants no access."""

    id: str
    staff_id: str
    name: str
    role: str
    namespaces: tuple[str, ...]
    transport: str
    device: str
    user_agent: str
    address: str
    connected_at: Instant
    worker: str
    """The app process that holds the connection."""


def device_of(user_agent: str) -> str:
    """Program and system, such as `Chrome · Windows`: enough to recognise one's own devices."""
    agent = user_agent[:_MAX_USER_AGENT_LENGTH]
    found = [next((name for name, pattern in known if pattern.search(agent)), None) for known in (_PROGRAMS, _SYSTEMS)]
    return " · ".join(part for part in found if part) or "未知设备"

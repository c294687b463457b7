"""How often one connection may send each kind of event."""

from typing import Final

from realtime.engineio.limits import Rate


def _per(seconds: float, count: float) -> Rate:
    return Rate(per_second=count / seconds, burst=count)


_RATES: Final = {
    "candidate": _per(10, 200),
    "offer": _per(10, 40),
    "answer": _per(10, 40),
    "bye": _per(10, 40),
    "chatSend": _per(10, 10),
    "prompterProgress": Rate(per_second=1, burst=2),
    "prompterControl": _per(10, 50),
    "mediaState": _per(10, 30),
    "ping": _per(10, 20),
    "stats": _per(10, 20),
    "join": _per(10, 10),
    "sync": _per(10, 10),
    "renewToken": _per(60, 10),
}
_OTHERS: Final = _per(10, 30)


def rate_of(event: str) -> Rate:
    return _RATES.get(event, _OTHERS)

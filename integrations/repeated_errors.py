"""Samples identical errors, so that no client and no outage can fill the disk with one line."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

SHOWN: Final = 10
PERIOD_SECONDS: Final = 60.0
MAX_KINDS: Final = 200
SAMPLED: Final = "sampled"
"""The attribute of a record that has been judged: it passes the filter of each handler."""

_Kind = tuple[str, ...]


@dataclass
class _Repeats:
    """The state of one kind of log record."""

    since: float
    """The begin of the present minute; the next one begins with the first record after its end."""
    last: float
    seen: int = 0
    """In the present minute."""
    too_many: bool = False
    """In the minute before."""
    withheld: int = 0
    """Since the last line that counted them."""

    def passes(self, now: float) -> bool:
        """Counts one more record, and decides whether it is shown."""
        if now - self.since >= PERIOD_SECONDS:
            self.too_many = self.seen > SHOWN and now - self.last < PERIOD_SECONDS
            self.since, self.seen = now, 0
        self.last = now
        self.seen += 1
        shown = not self.too_many and self.seen <= SHOWN
        self.withheld += not shown
        return shown


class RepeatedErrors(logging.Filter):
    """Lets the first ten of identical records pass; then writes one line a minute with their number (`repeated`).

    Records are identical if logger, level, message, and type and place of the exception are. They are shown again
    after a minute with ten at most. One filter serves several handlers. `applies` selects the records; levels below
    WARNING always pass.
    """

    def __init__(
        self, applies: Callable[[logging.LogRecord], bool], clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._applies = applies
        self._clock = clock
        self._lock = threading.Lock()
        self._repeats: dict[_Kind, _Repeats] = {}
        self._timer: threading.Timer | None = None

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING or not self._applies(record):
            return True
        judged: bool | None = getattr(record, SAMPLED, None)
        if judged is None:
            with self._lock:
                judged = self._passes(record)
            setattr(record, SAMPLED, judged)
        return judged

    def count(self) -> None:
        """Writes the counting lines that are due. A timer calls it a minute after the first record was withheld."""
        with self._lock:
            self._timer = None
            due = [(kind, each.withheld) for kind, each in self._repeats.items() if each.withheld]
            for each in self._repeats.values():
                each.withheld = 0
        for (name, level, message, *exception), withheld in due:
            line = {"name": name, "levelname": level, "levelno": logging.getLevelNamesMapping()[level], "msg": message}
            shown = {"stack": " ".join(exception)} if exception else {}
            record = logging.makeLogRecord({**line, **shown, "repeated": withheld, SAMPLED: True})
            logging.getLogger(name).handle(record)

    def _passes(self, record: logging.LogRecord) -> bool:
        now = self._clock()
        shown = self._repeats_of(record, now).passes(now)
        if not shown and self._timer is None:
            self._timer = threading.Timer(PERIOD_SECONDS, self.count)
            self._timer.daemon = True
            self._timer.start()
        return shown

    def _repeats_of(self, record: logging.LogRecord, now: float) -> _Repeats:
        kind = _kind_of(record)
        if kind not in self._repeats and len(self._repeats) >= MAX_KINDS:
            self._repeats = {
                known: each
                for known, each in self._repeats.items()
                if each.withheld or now - each.last < PERIOD_SECONDS
            }
            if len(self._repeats) >= MAX_KINDS:
                kind = (record.name, record.levelname, "(other)")
        return self._repeats.setdefault(kind, _Repeats(now, now))


def _kind_of(record: logging.LogRecord) -> _Kind:
    try:
        message = record.getMessage()
    except Exception:  # arguments that do not fit the message: the handler reports that
        message = str(record.msg)
    kind = (record.name, record.levelname, message)
    if not record.exc_info or record.exc_info[0] is None:
        return kind
    at = record.exc_info[2]
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f"{at.tb_frame.f_code.co_filename}:{at.tb_lineno}" if at is not None else ""
    return (*kind, record.exc_info[0].__qualname__, place)

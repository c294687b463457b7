"""Groups refused logins, so that an attacker's thousand attempts a minute are few rows of the login log."""

from domain.shared.ip_addresses import rate_limit_key
from domain.users.login_record import LoginRecord

SINGLE_ROWS = 10
"""Refused attempts per account (or address), method, reason and minute with a row each; one more counts the rest."""

_Group = tuple[str, str, str]
_SHARED_FIELDS = ("app_id", "address", "user_agent", "region")


class RefusalGroups:
    """The refused attempts of the current minute. Attempts are added in the order of their times."""

    def __init__(self) -> None:
        self._minute = ""
        self._attempts: dict[_Group, int] = {}
        self._counted: dict[_Group, LoginRecord] = {}

    def add(self, record: LoginRecord) -> LoginRecord:
        """The row that records this attempt: its own, or the group's, which then replaces the stored one of its id."""
        minute = f"{record.at:%Y%m%d%H%M}"
        if minute != self._minute:
            self._minute, self._attempts, self._counted = minute, {}, {}
        group = _group_of(record)
        self._attempts[group] = self._attempts.get(group, 0) + 1
        if self._attempts[group] <= SINGLE_ROWS:
            return record
        counted = self._counted.get(group)
        self._counted[group] = _with_one_more(counted, record) if counted else record
        return self._counted[group]


def _group_of(record: LoginRecord) -> _Group:
    return record.user_id or rate_limit_key(record.address), record.method, record.reason


def _with_one_more(counted: LoginRecord, record: LoginRecord) -> LoginRecord:
    """Keeps what all attempts have in common: of a field in which they differ, the row says nothing."""
    empty = LoginRecord.model_fields
    differing = [name for name in _SHARED_FIELDS if getattr(counted, name) != getattr(record, name)]
    changes = {name: empty[name].default for name in differing}
    return counted.model_copy(update={**changes, "count": counted.count + 1})

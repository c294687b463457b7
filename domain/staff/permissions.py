"""Permissions of staff roles, as data. Keys and defaults are those of the system that this one replaces."""

from collections.abc import Iterable, Mapping

from domain.shared.authority import Role

# resource: actions. The action `all` grants every action of its resource.
_CATALOGUE: dict[str, str] = {
    "resume": "view create edit assign delete all",
    "blacklist": "view create edit all",
    "customer": "view create edit delete assign pool export all",
    "contract": "view create edit delete export all",
    "insurance": "view create edit delete all",
    "background-check": "view create edit all",
    "training-lead": "view create edit delete admin all",
    "training-order": "view create all",
    "evaluation": "edit delete all",
    "user": "view create edit delete all",
    "admin": "roles settings all",
    "audit": "view export all",
    "baobei": "view edit all",
    "miniprogram-user": "view edit delete export statistics all",
    "connection": "view disconnect all",
    "match": "run all",
    "interview": "view host manage all",
    "notification": "announce all",
    "dashboard": "view finance all",
}

CATALOGUE: Mapping[str, tuple[str, ...]] = {
    resource: tuple(actions.split()) for resource, actions in _CATALOGUE.items()
}
PERMISSIONS: frozenset[str] = frozenset(
    f"{resource}:{action}" for resource, actions in CATALOGUE.items() for action in actions
)


def _keys(text: str) -> frozenset[str]:
    """Permission keys of a text such as `resume:view,edit contract:all`. ValueError for an unknown key."""
    keys = {f"{entry.split(':')[0]}:{action}" for entry in text.split() for action in entry.split(":")[1].split(",")}
    if unknown := keys - PERMISSIONS:
        raise ValueError(f"unknown permissions {sorted(unknown)}")
    return frozenset(keys)


_EMPLOYEE = _keys(
    "resume:view,create,edit customer:view,create,edit contract:view,create,edit insurance:view,create,edit "
    "background-check:view,create blacklist:view,create interview:view,host"
)

ROLE_PERMISSIONS: dict[Role, frozenset[str]] = {
    Role.ADMIN: frozenset({"*"}),
    Role.MANAGER: _keys(
        "resume:all,assign customer:all contract:all insurance:all background-check:all user:view admin:settings "
        "evaluation:edit,delete blacklist:view,create,edit miniprogram-user:all connection:all dashboard:all match:run "
        "notification:announce interview:all"
    ),
    Role.OPERATOR: _EMPLOYEE
    | _keys(
        "resume:assign customer:assign,pool contract:delete background-check:edit training-lead:view,create,edit "
        "training-order:view,create user:view blacklist:edit miniprogram-user:view,statistics connection:view "
        "dashboard:view match:run"
    ),
    Role.EMPLOYEE: _EMPLOYEE | _keys("dashboard:view"),
    Role.DISPATCH: _EMPLOYEE | _keys("background-check:edit user:view dashboard:view match:run"),
    Role.ADMISSIONS: _keys(
        "resume:view,create,edit training-lead:view,create,edit training-order:view,create user:view "
        "blacklist:view,create dashboard:view interview:view,host"
    ),
}

# The legacy keys of the mini-program back office (褓贝后台) imply the current ones.
_IMPLIED: dict[str, frozenset[str]] = {
    "baobei:view": _keys("miniprogram-user:view,statistics"),
    "baobei:edit": _keys("miniprogram-user:view,statistics,edit,export"),
    "baobei:all": _keys("miniprogram-user:all"),
}


def with_implied(keys: Iterable[str]) -> frozenset[str]:
    """The keys, with the current keys that legacy keys among them imply."""
    granted = frozenset(keys)
    return granted.union(*(_IMPLIED.get(key, frozenset()) for key in granted))

"""Lists of values and labels that the dashboard gets from the domain, so that no rule is written twice."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.contracts.drafting.templates import KEY_LABELS
from domain.contracts.history import CAUSE_LABELS
from domain.contracts.queries import ENDING_SOON_DAYS
from domain.contracts.statuses import (
    CANCEL_LABELS,
    CATEGORY_LABELS,
    STATUS_LABELS,
    TYPE_LABELS,
    OrderCategory,
    types_of,
)
from domain.contracts.statuses import ROLE_LABELS as SIGNER_ROLE_LABELS
from domain.contracts.terms import ContractTerms
from domain.customers.follow_ups.model import FOLLOW_UP_TYPE_LABELS, FollowUpType
from domain.customers.levels import GRADES, LEVEL_LABELS, LeadLevel
from domain.customers.model import FOLLOW_UP_LABELS, NOT_FOLLOWED_UP, FollowUpStatus
from domain.customers.ownership.limits import USUAL_LIMITS
from domain.customers.stages import STAGE_LABELS, UNSIGNED_STAGES, Stage
from domain.shared.actor import SYSTEM
from domain.shared.authority import ROLE_LABELS as STAFF_ROLE_LABELS
from domain.shared.authority import Role
from domain.shared.places.place_names import ENGLISH_NAMES
from domain.shared.places.provinces import PROVINCES
from domain.shared.text import Language, Text
from http_api.all_routes import ENDPOINTS
from http_api.core.endpoint import Endpoint


def _action_label(endpoint: Endpoint) -> Text:
    """The first clause of the route's summary."""
    zh, _, en = endpoint.summary.partition("·")
    clause = [re.split("[；;：（(，,]", part)[0].strip() for part in (zh, en)]
    return Text(clause[0], clause[1][:1].upper() + clause[1][1:])


_ACTION_LABELS: Mapping[str, Text] = {
    **{f"contract.{cause}": label for cause, label in CAUSE_LABELS.items()},
    **{each.audit: _action_label(each) for each in reversed(ENDPOINTS) if each.audit},
    "file.expired": Text("清理过期文件", "Remove an expired file"),
    "file.record-deleted": Text("随记录删除文件", "Remove a file with its record"),
    SYSTEM.action: Text("系统处理", "Automatic"),
}
"""Of the actions that routes declare, and of those that the system does on its own."""
_LABELS: Mapping[str, Mapping[Any, Text]] = {
    "auditAction": _ACTION_LABELS,
    "cancelReason": CANCEL_LABELS,
    "contractCategory": CATEGORY_LABELS,
    "contractStatus": STATUS_LABELS,
    "contractType": TYPE_LABELS,
    "customerStage": STAGE_LABELS,
    "followUpStatus": FOLLOW_UP_LABELS,
    "followUpType": FOLLOW_UP_TYPE_LABELS,
    "leadLevel": LEVEL_LABELS,
    "role": STAFF_ROLE_LABELS,
    "signerRole": SIGNER_ROLE_LABELS,
    "templateField": KEY_LABELS,
}
"""Group of texts to the labels of its values."""


def labels(language: Language) -> dict[str, str]:
    """Texts of the dashboard (`<group>.<value>`) that are the domain's own labels. Places have English ones only."""
    places = {f"place.{name}": english for name, english in ENGLISH_NAMES.items()} if language == "en" else {}
    return places | {
        f"{group}.{value}": text.in_language(language)
        for group, table in _LABELS.items()
        for value, text in table.items()
    }


def catalogue() -> dict[str, Any]:
    """The content of `catalogue.json`, which `lib/catalogue.js` loads."""
    categories = list(OrderCategory)
    return {
        "auditActions": sorted(_ACTION_LABELS),
        "contractTypes": {category: types_of(category) for category in categories},
        "requiredFields": {
            category: ContractTerms(order_category=category).missing_for_draft() for category in categories
        },
        "customerStages": list(Stage),
        "endingSoonDays": ENDING_SOON_DAYS,
        "followUpStatuses": list(FollowUpStatus),
        "followUpTypes": list(FollowUpType),
        "grades": sorted(GRADES),
        "leadLevels": list(LeadLevel),
        "notFollowedUp": NOT_FOLLOWED_UP,
        "provinces": PROVINCES,
        "reclaimHours": USUAL_LIMITS.reclaim_after // timedelta(hours=1),
        "systemRoles": list(Role),
        "unsignedStages": [stage for stage in Stage if stage in UNSIGNED_STAGES],
    }

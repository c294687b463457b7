"""Lists of values and labels that the dashboard gets from the domain, so that no rule is written twice."""

from collections.abc import Mapping
from typing import Any

from domain.contracts.drafting.templates import KEY_LABELS
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
from domain.shared.authority import ROLE_LABELS as STAFF_ROLE_LABELS
from domain.shared.places.place_names import ENGLISH_NAMES
from domain.shared.places.provinces import PROVINCES
from domain.shared.text import Language, Text

_LABELS: Mapping[str, Mapping[Any, Text]] = {
    "cancelReason": CANCEL_LABELS,
    "contractCategory": CATEGORY_LABELS,
    "contractStatus": STATUS_LABELS,
    "contractType": TYPE_LABELS,
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
        "contractTypes": {category: types_of(category) for category in categories},
        "requiredFields": {
            category: ContractTerms(order_category=category).missing_for_draft() for category in categories
        },
        "endingSoonDays": ENDING_SOON_DAYS,
        "provinces": PROVINCES,
    }

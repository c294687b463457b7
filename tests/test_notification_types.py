"""The table of all notification types: each has a cause, and its template only variables that the cause supplies; the
dashboard can show it."""

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest

from domain.notifications.rendering import render, sample_values
from domain.notifications.templates import WORDED, NotificationTemplate
from domain.notifications.types import NotificationTypes
from domain.shared.events import DomainEvent
from domain.shared.notifications import Notifications, NotificationType
from domain.staff.permissions import PERMISSIONS
from integrations.wiring.areas import Areas
from tests.test_registries import areas

__all__ = ["areas"]

ROOT: Final = Path(__file__).parents[1]
DOMAIN: Final = ROOT / "domain"
DASHBOARD: Final = ROOT / "http_api" / "dashboard"


def declarations() -> dict[str, Notifications]:
    found = sorted(path.parent.name for path in DOMAIN.glob("*/notification_types.py"))
    return {area: import_module(f"domain.{area}.notification_types").NOTIFICATIONS for area in found}


TYPES: Final = NotificationTypes({area: declared.types for area, declared in declarations().items()})
each_type = pytest.mark.parametrize("kind", TYPES.all, ids=lambda kind: kind.code)


@each_type
def test_every_type_has_a_cause_and_a_permission_that_exists(kind: NotificationType[Any]) -> None:
    assert issubclass(kind.cause, DomainEvent)
    assert kind.cause.__dict__.get("type"), f"{kind.cause.__name__} is no event but a base"
    assert kind.permission in {"", *PERMISSIONS}
    assert kind.resource is None or kind.permission


@each_type
def test_every_template_has_only_variables_that_its_type_supplies(kind: NotificationType[Any]) -> None:
    template = NotificationTemplate.default_of(kind)

    template.require_valid(kind)
    for field in WORDED:
        assert "{{" not in render(getattr(template, field), sample_values(kind.values), "en"), field
    assert all((template.title, template.title_en, template.content, template.content_en))


@each_type
def test_the_dashboard_knows_the_area_the_icon_and_the_page_of_every_type(kind: NotificationType[Any]) -> None:
    names = json.loads((DASHBOARD / "texts" / "notification-templates" / "en.json").read_text())
    icons = (DASHBOARD / "pages" / "notifications" / "face.js").read_text()
    page = re.match(r"#/([\w-]+)", kind.action_url)

    assert f"noticeArea.{TYPES.area_of[kind.code]}" in names
    assert f"{kind.icon}: " in icons
    assert not kind.action_url or (page and (DASHBOARD / "pages" / page[1] / "page.js").exists())


@each_type
def test_every_variable_has_an_example_for_the_preview(kind: NotificationType[Any]) -> None:
    assert [name for name, field in kind.values.model_fields.items() if not field.examples] == []


async def test_every_declaration_is_wired_and_followed(areas: Areas) -> None:
    wired = areas.services.notifications.types

    assert {each.code for each in wired.all} == set(TYPES.by_code)
    notifications = next(area for area in areas.all if area.name == "notifications")
    rules = {rule.cause for declared in declarations().values() for rule in declared.ownership}
    assert set(notifications.subscriptions) >= {each.cause for each in TYPES.all} | rules

"""The lists of areas agree with each other and with the packages on disk: nothing can be forgotten in one of them."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

from domain.services import Services
from domain.staff.permissions import PERMISSIONS
from http_api.all_routes import ENDPOINTS
from http_api.core.access import Staff
from integrations.mongo.repository import Repository
from integrations.wiring.areas import Areas, wire_areas
from integrations.wiring.infrastructure import open_infrastructure
from realtime.namespaces.registry import NAMESPACES
from tests.app_process import settings_of

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "http_api/dashboard/pages"
KERNEL = {"shared", "sessions"}
"""Packages of the domain that are no areas."""


@pytest.fixture
async def areas(
    mongodb_uri: str, redis_url: str, redis: Redis, database: "AsyncIOMotorDatabase[dict[str, Any]]"
) -> AsyncIterator[Areas]:
    settings = settings_of(mongodb_uri, redis_url, database.name)
    async with open_infrastructure(settings) as base:
        areas = wire_areas(base, settings)
        await areas.prepare_stores()
        yield areas
        await areas.close()


def packages(folder: Path) -> set[str]:
    return {path.parent.name for path in folder.glob("*/__init__.py")}


def subclasses(of: type[Any]) -> Iterator[type[Any]]:
    for each in of.__subclasses__():
        yield each
        yield from subclasses(each)


async def test_every_area_of_the_domain_is_wired(areas: Areas) -> None:
    assert packages(ROOT / "domain") - KERNEL <= {area.name for area in areas.all}
    assert {area.name for area in areas.all if area.services is not None} == set(Services.__dataclass_fields__)


async def test_every_repository_of_the_product_belongs_to_an_area_and_has_its_index(
    areas: Areas, database: "AsyncIOMotorDatabase[dict[str, Any]]"
) -> None:
    repositories = [repository for area in areas.all for repository in area.repositories]

    product = {each for each in subclasses(Repository) if each.__module__.startswith("integrations.")}
    assert {type(each) for each in repositories} == product
    for repository in repositories:
        indexes = await database[repository.collection.name].index_information()
        assert indexes["keys"]["unique"], repository.collection.name


def test_every_package_of_routes_is_served() -> None:
    served = {endpoint.handler.__module__.split(".")[2] for endpoint in ENDPOINTS}

    assert packages(ROOT / "http_api/routes") <= served


def test_every_permission_that_a_route_or_namespace_needs_exists() -> None:
    needed = {key for each in ENDPOINTS if isinstance(each.access, Staff) for key in each.access.permissions}
    entered = {namespace.permission for namespace in NAMESPACES if "guestTicket" not in namespace.schemes}

    assert needed | (entered - {""}) <= PERMISSIONS  # empty: for every staff member


def test_every_page_is_listed_with_a_permission_and_a_namespace_that_exist() -> None:
    listed = set(re.findall(r'import\("\./([\w-]+)/page\.js"\)', (PAGES / "index.js").read_text()))
    pages = {path.parent.name: path.read_text() for path in PAGES.glob("*/page.js")}

    assert listed == set(pages)
    for name, text in pages.items():
        permission = re.search(r'permission: "([^"]*)"', text)
        assert permission is not None, name
        assert permission.group(1) in PERMISSIONS | {""}, name  # empty: for every staff member
        namespace = re.search(r'namespace: "([^"]+)"', text)
        assert namespace is None or namespace.group(1) in {each.name for each in NAMESPACES}, name

"""Rules for every route of the application as run.py builds it, including routes that are not declared endpoints."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from motor.motor_asyncio import AsyncIOMotorDatabase
from redis.asyncio import Redis

import run
from http_api.core.access import Public, Staff
from http_api.core.endpoint import Endpoint
from http_api.core.rate_limits import RateLimit
from integrations.settings import load_settings
from integrations.wiring.areas import wire_areas
from integrations.wiring.infrastructure import open_infrastructure
from tests.integrations.test_settings import SAFE

ONLY_READING = ("GET", "HEAD", "OPTIONS")
SOCKET_IO = "/socket.io/"
"""The real-time edge authenticates at the handshake and has rate limits of its own."""


@pytest.fixture
async def routes(
    tmp_path: Path,
    mongodb_uri: str,
    redis_url: str,
    redis: Redis,
    database: "AsyncIOMotorDatabase[dict[str, object]]",
) -> AsyncIterator[list[web.AbstractRoute]]:
    environment = {
        **SAFE,
        "MONGODB_URI": mongodb_uri,
        "MONGODB_DATABASE": database.name,
        "REDIS_URL": redis_url,
    }
    settings = load_settings(environment, tmp_path)
    async with open_infrastructure(settings) as base:
        areas = wire_areas(base, settings)
        yield list(run.compose(base, areas, settings).app.router.routes())
        await areas.close()


def path_of(route: web.AbstractRoute) -> str:
    return route.resource.canonical if route.resource is not None else ""


async def test_every_changing_route_declares_its_permission_its_audit_action_and_its_rate(
    routes: list[web.AbstractRoute],
) -> None:
    changing = [route for route in routes if route.method not in ONLY_READING and path_of(route) != SOCKET_IO]

    assert len(changing) > 15
    for route in changing:
        name = f"{route.method} {path_of(route)}"
        endpoint = getattr(route.handler, "endpoint", None)
        assert isinstance(endpoint, Endpoint), f"{name} is not a declared endpoint"
        assert (endpoint.method, endpoint.path) == (route.method, path_of(route))
        assert endpoint.audit or endpoint.unaudited, f"{name} has no audit action"
        assert isinstance(endpoint.rate_limit, RateLimit), f"{name} has no rate class"
        if isinstance(endpoint.access, Staff) and not endpoint.access.permissions:
            assert endpoint.name in ANY_STAFF, f"{name} names no permission"


ANY_STAFF = {
    "POST /api/auth/logout",
    # The record that a file belongs to decides who may change it.
    "POST /api/upload/file",
    "POST /api/upload/video",
    "DELETE /api/upload/file/{file_id}",
    "POST /api/auth/avatar",
    # The own profile, password and sessions.
    "PATCH /api/auth/me",
    "POST /api/auth/change-password",
    "DELETE /api/auth/sessions/{session_id}",
    # The own notifications.
    "PUT /api/notifications/mark-read",
    "PUT /api/notifications/mark-all-read",
    # Each person has a daily quota.
    "POST /api/ocr/idcard",
    # The use case requires an administrator; no permission stands for that role.
    "POST /api/contract-approvals/{approval_id}/approve",
    "POST /api/contract-approvals/{approval_id}/reject",
}
PUBLIC_CHANGES = {
    "POST /api/customers/website-lead",
    "POST /api/auth/login",
    "POST /api/auth/miniprogram-login",
    "POST /api/auth/refresh",
    "POST /api/miniprogram-users/register",
    "POST /api/miniprogram-users/login",
    "POST /api/miniprogram-users/login-with-password",
    "POST /api/miniprogram-users/refresh",
    "POST /api/esign/callback",
    "POST /api/zego/callback",
    # Authenticated by an invitation, or by a ticket that was issued for one.
    "POST /api/interview/invites/{code}/redeem",
    "POST /api/interview/tickets/renew",
    "POST /api/interview/token",
    "POST /api/zego/generate-guest-token",
    "POST /api/zego/get-remote-control",
    "POST /api/zego/get-teleprompter",
    "POST /api/zego/check-room",
    "POST /api/zego/leave-room",
}


async def test_only_listed_routes_change_data_without_a_token(routes: list[web.AbstractRoute]) -> None:
    """A new public route is a decision, and is listed here."""
    endpoints = [route.handler.endpoint for route in routes if hasattr(route.handler, "endpoint")]

    public = {each.name for each in endpoints if isinstance(each.access, Public) and each.method != "GET"}

    assert public <= PUBLIC_CHANGES, public - PUBLIC_CHANGES

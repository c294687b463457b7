"""The HTTP application: routes, middleware, documentation, operations and the dashboard put together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from prometheus_client import CollectorRegistry

from domain.services import Services
from domain.shared.errors import PermissionDenied
from domain.shared.scope import OutOfScope
from http_api import dashboard_files, operations
from http_api.all_routes import ENDPOINTS as ALL_ENDPOINTS
from http_api.core import cors
from http_api.core import documentation as documents
from http_api.core.app_keys import AUTHENTICATOR, ENDPOINTS, SERVICES
from http_api.core.authentication import RequestAuthenticator
from http_api.core.endpoint import Endpoint
from http_api.core.middleware import RequestObserver, add_default_headers, add_hsts
from http_api.core.openapi import openapi_document
from http_api.core.request_context import STAFF_MEMBER
from http_api.metrics_page import MetricsAccess, MetricsPage
from http_api.routes.interviews.guest_links import GUEST_LINKS, GuestLinks

MAX_BODY_BYTES = 256 * 1024


@dataclass(frozen=True)
class AppDependencies:
    """The dependencies that the composition root gives to the HTTP edge."""

    checks: Sequence[operations.HealthCheck]
    registry: CollectorRegistry
    guest_links: GuestLinks
    allowed_origins: Sequence[str] = ()
    slow_seconds: float = 3.0
    multiprocess_metrics: bool = False
    metrics_access: MetricsAccess = field(default_factory=MetricsAccess)
    hsts: bool = False
    asyncapi: Callable[[], dict[str, Any]] = dict
    """Makes the document of the Socket.IO interface."""
    demonstration: bool = False
    storage_origin: str = ""
    """Where a provider stores the files: the dashboard sends them there."""


def build_app(
    services: Services, authenticator: RequestAuthenticator, dependencies: AppDependencies
) -> web.Application:
    request_observer = RequestObserver(dependencies.registry, dependencies.slow_seconds, authenticator.address_of)
    app = web.Application(
        middlewares=[request_observer.middleware, cors.cors_middleware(dependencies.allowed_origins)],
        client_max_size=MAX_BODY_BYTES,
    )
    app[SERVICES] = services
    app[AUTHENTICATOR] = authenticator
    app[GUEST_LINKS] = dependencies.guest_links
    app[ENDPOINTS] = ALL_ENDPOINTS
    for endpoint in ALL_ENDPOINTS:
        app.router.add_route(endpoint.method, endpoint.path, handler_of(endpoint))
    metrics = MetricsPage(dependencies.registry, dependencies.multiprocess_metrics, dependencies.metrics_access)
    operations.add_routes(app, dependencies.checks, metrics)
    documents.add_routes(app, lambda: openapi_document(ALL_ENDPOINTS), dependencies.asyncapi)
    dashboard_files.add_routes(app, demonstration=dependencies.demonstration, storage=dependencies.storage_origin)
    app.on_response_prepare.append(add_default_headers)
    if dependencies.hsts:
        app.on_response_prepare.append(add_hsts)
    return app


def handler_of(endpoint: Endpoint) -> Any:
    async def handle(request: web.Request) -> web.StreamResponse:
        services = request.app[SERVICES]
        try:
            context = await request.app[AUTHENTICATOR].authenticate(endpoint, request, services)
            return await endpoint.run(context)
        except (PermissionDenied, OutOfScope):
            if (member := request.get(STAFF_MEMBER)) is not None:
                services.audit.refusals.refused("http", member.id, member.name)
            raise

    handle.endpoint = endpoint  # type: ignore[attr-defined]  # a test walks the routes and asks each for it
    return handle

"""Saved views: own ones, and those of others by their link."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from domain.audit.model import AuditRecorded, audit_of
from domain.customers.errors import TooManyViews, ViewNotFound
from domain.customers.views.model import SavedView
from domain.customers.views.ports import SavedViewRepository
from domain.shared.actor import Actor
from domain.shared.ports import Clock, IdGenerator
from domain.shared.retry import retry_on_conflict

MOST_VIEWS: Final = 50
AUDIT_TARGET: Final = "customer-view"


class SavedViews:
    def __init__(self, views: SavedViewRepository, clock: Clock, ids: IdGenerator) -> None:
        self._views = views
        self._clock = clock
        self._ids = ids

    async def own(self, reader_id: str) -> Sequence[SavedView]:
        return await self._views.of_owner(reader_id)

    async def open(self, view_id: str, reader_id: str) -> SavedView:
        """An own or a shared view. Raises ViewNotFound."""
        view = await self._views.find(view_id)
        if view is None or not (view.shared or view.owner_id == reader_id):
            raise ViewNotFound
        return view

    async def create(self, name: str, filters: Mapping[str, str], shared: bool, actor: Actor) -> SavedView:
        """Raises TooManyViews."""
        if len(await self._views.of_owner(actor.id)) >= MOST_VIEWS:
            raise TooManyViews(most=MOST_VIEWS)
        now = self._clock.now()
        view = SavedView(
            id=self._ids.next_id(),
            owner_id=actor.id,
            name=name,
            filters=filters,
            shared=shared,
            created_at=now,
            updated_at=now,
        )
        return await self._views.save(view, [self._row(actor, view.id, {}, view.snapshot())])

    async def edit(self, view_id: str, values: Mapping[str, Any], actor: Actor) -> SavedView:
        """Replaces the given fields of an own view. Raises ViewNotFound."""

        async def attempt() -> SavedView:
            before = await self._own(view_id, actor.id)
            after = before.edited(self._clock.now(), **values)
            if after is before:
                return before
            return await self._views.save(after, [self._row(actor, view_id, before.snapshot(), after.snapshot())])

        return await retry_on_conflict(attempt)

    async def delete(self, view_id: str, actor: Actor) -> None:
        """An own view; its link ends. Raises ViewNotFound."""

        async def attempt() -> None:
            before = await self._own(view_id, actor.id)
            row = self._row(actor, view_id, before.snapshot(), {})
            await self._views.save(before.deleted(self._clock.now()), [row])

        await retry_on_conflict(attempt)

    async def _own(self, view_id: str, owner_id: str) -> SavedView:
        view = await self._views.find(view_id)
        if view is None or view.owner_id != owner_id:
            raise ViewNotFound
        return view

    def _row(self, actor: Actor, view_id: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> AuditRecorded:
        return audit_of(self._ids.next_id(), self._clock.now(), actor, (AUDIT_TARGET, view_id), before, after)

"""A customer (客户): a household, from lead to contract. Owned by a staff member or in the public pool (公海)."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Self

from pydantic import Field

from domain.customers.errors import ContactRequired, IllegalStage, LevelSetBySystem
from domain.customers.fields import CustomerFields, Line
from domain.customers.levels import GRADES, LeadLevel, level_of
from domain.customers.stages import LEAD_STAGES, UNSIGNED_STAGES, Stage, Standing, possible_steps, stage_of
from domain.shared.entity import Entity
from domain.shared.model import Instant
from domain.shared.text import Text

FIRST_FOLLOW_UP: Final = timedelta(hours=24)
"""After a claim."""


class FollowUpStatus(StrEnum):
    """跟进状态, derived: whether the present owner has followed up."""

    FOLLOWED = "已跟进"
    NEW = "新客未跟进"
    TRANSFERRED = "流转未跟进"


NOT_FOLLOWED_UP: Final = (FollowUpStatus.NEW, FollowUpStatus.TRANSFERRED)
FOLLOW_UP_LABELS: Final = {
    FollowUpStatus.FOLLOWED: Text("已跟进", "Followed up"),
    FollowUpStatus.NEW: Text("新客未跟进", "New, not followed up"),
    FollowUpStatus.TRANSFERRED: Text("流转未跟进", "Transferred, not followed up"),
}


class LeadStatus(StrEnum):
    """线索状态, derived from the number of transfers."""

    TRANSFERRED = "已流转"
    KEPT = "未流转"


class Customer(CustomerFields, Entity):
    """A document of the collection `customers`. Lead level and follow-up status are derived."""

    customer_id: str
    """客户编号."""
    mini_user_id: str = ""
    openid: str = ""
    contract_status: Stage = Stage.PENDING
    lead_stage: Stage = Stage.PENDING
    """The last stage that no contract stood behind: it returns when the contracts have ended."""
    contract_standing: Standing = Standing.NONE
    """As it was when the stage last followed the contracts."""
    signed_contract_id: str = ""
    """The newest signed contract, whose data of the customer were taken over."""
    same_phone_customer_id: str = ""
    """The customer who has the phone that the signed contract names for this one."""
    grade: LeadLevel | None = None
    """A to D, given by people."""

    created_by: str
    """A staff member's id, or the marker of a source without one, such as the website."""
    last_updated_by: str = ""
    assigned_to: str = ""
    assigned_by: str = ""
    assigned_at: Instant | None = None
    assignment_reason: Line = ""
    holding_id: str = ""
    """Names the entry of this customer in its owner's holdings; empty while it does not count there."""

    in_public_pool: bool = False
    public_pool_entry_time: Instant | None = None
    public_pool_entry_reason: Line = ""
    claim_count: int = Field(0, ge=0)
    released_by: str = ""
    released_at: Instant | None = None

    last_follow_up_by: str = ""
    last_follow_up_time: Instant | None = None
    followed_up_by: tuple[str, ...] = ()
    """The staff members who have followed up themselves."""
    next_follow_up_at: Instant | None = None
    reminded_for: Instant | None = None
    """The `next_follow_up_at` of which the owner has been reminded."""
    awaits_response: bool = False
    """Others have given it to its owner, and there has been no follow-up since. The owner's own claims and entries do
    not wait: a claim has a date of its own, and an owner who enters a customer has just spoken to them."""
    breach_announced_at: Instant | None = None
    last_activity_at: Instant
    auto_transfer_enabled: bool = True
    transfer_count: int = Field(0, ge=0)
    last_transferred_at: Instant | None = None
    keep_count: int = Field(0, ge=0)
    """How often the present owner has kept it from falling into the pool."""
    kept_at: Instant | None = None

    is_frozen: bool = False
    frozen_at: Instant | None = None
    frozen_by: str = ""
    frozen_reason: Line = ""

    edited_version: int = 0
    """The version that the last change by a person produced: an edit of this version or a later one does not conflict,
    since what changed after it were technical values."""
    deleted_at: Instant | None = None
    created_at: Instant
    updated_at: Instant

    @property
    def lead_level(self) -> LeadLevel:
        return level_of(self.contract_status, self.grade)

    @property
    def lead_status(self) -> LeadStatus:
        return LeadStatus.TRANSFERRED if self.transfer_count else LeadStatus.KEPT

    @property
    def follow_up_status(self) -> FollowUpStatus | None:
        """None once the customer has signed."""
        if not self.is_unsigned:
            return None
        if self.assigned_to and self.assigned_to in (*self.followed_up_by, self.last_follow_up_by):
            return FollowUpStatus.FOLLOWED
        return FollowUpStatus.TRANSFERRED if self.transfer_count else FollowUpStatus.NEW

    @property
    def is_unsigned(self) -> bool:
        return self.contract_status in UNSIGNED_STAGES

    @property
    def next_stages(self) -> list[Stage]:
        """The stages that people may set now."""
        allowed = possible_steps(self.contract_status, self.contract_standing)
        return [stage for stage in Stage if stage in allowed]

    @property
    def people(self) -> tuple[str, ...]:
        """The people whom the record belongs to, for the data scope."""
        return (self.assigned_to, self.created_by)

    @property
    def counts_as_held(self) -> bool:
        """It counts against the cap of its owner."""
        return bool(self.assigned_to) and not self.in_public_pool and self.is_unsigned and self.deleted_at is None

    @property
    def follow_up_due_at(self) -> datetime | None:
        """None when no follow-up is due."""
        planned = self.assigned_to and not self.in_public_pool and self.contract_status is not Stage.LOST
        return self.next_follow_up_at if planned else None

    @property
    def remind_at(self) -> datetime | None:
        """When the owner is to be reminded; None when that is done."""
        return self.follow_up_due_at if self.follow_up_due_at != self.reminded_for else None

    @property
    def fall_clock(self) -> datetime | None:
        """The start of the time without a follow-up, after which it falls into the pool; None: it does not fall."""
        if not self.counts_as_held or self.is_frozen or self.contract_standing is not Standing.NONE:
            return None
        starts = (self.assigned_at or self.created_at, self.last_follow_up_time, self.kept_at)
        return max(start for start in starts if start)

    @property
    def response_awaited_since(self) -> datetime | None:
        """None when no first response is awaited."""
        waits = self.awaits_response and self.counts_as_held and not self.is_frozen
        return self.assigned_at if waits and self.contract_status is not Stage.LOST else None

    @property
    def breach_unannounced_since(self) -> datetime | None:
        return self.response_awaited_since if self.breach_announced_at is None else None

    # --- fields and stage

    def edited(self, now: datetime, by: str, **fields: Any) -> Self:
        """Raises ContactRequired."""
        changed = self._with(**fields)
        if not changed.phone and not changed.wechat_id:
            raise ContactRequired
        return changed if changed == self else changed._with(updated_at=now, last_updated_by=by, last_activity_at=now)

    def at_stage(self, stage: Stage, now: datetime, by: str) -> Self:
        """A step by hand. Raises IllegalStage."""
        if stage is self.contract_status:
            return self
        if stage not in self.next_stages:
            raise IllegalStage(current=self.contract_status, requested=stage, allowed=self.next_stages)
        lead_stage = stage if stage in LEAD_STAGES else self.lead_stage
        return self._with(
            contract_status=stage, lead_stage=lead_stage, updated_at=now, last_updated_by=by, last_activity_at=now
        )

    def graded(self, level: LeadLevel, now: datetime, by: str) -> Self:
        """Raises LevelSetBySystem for O and lost, unless the customer is there anyway."""
        if level is self.lead_level:
            return self
        if level not in GRADES:
            raise LevelSetBySystem
        return self._with(grade=level, updated_at=now, last_updated_by=by, last_activity_at=now)

    def following_contracts(self, standing: Standing, now: datetime) -> Self:
        """The stage that follows from the contracts. The same object when their standing has not changed, so stages
        that people have set since then stay."""
        if standing is self.contract_standing:
            return self
        stage = stage_of(standing, self.lead_stage)
        return self._with(contract_status=stage, contract_standing=standing, updated_at=now, last_activity_at=now)

    def as_signed(self, contract_id: str, fields: Mapping[str, str], now: datetime) -> Self:
        """With the customer's data from a signed contract. The same object when they were taken over before."""
        if contract_id == self.signed_contract_id:
            return self
        taken = {**fields, "signed_contract_id": contract_id, "same_phone_customer_id": ""}
        return self._with(**taken, updated_at=now, last_activity_at=now)

    def deleted(self, now: datetime) -> Self:
        """The document stays, emptied of personal values, because other records name it."""
        blank = CustomerFields().model_dump(exclude={"lead_source"})
        return self._with(**blank, mini_user_id="", openid="", in_public_pool=False, deleted_at=now, updated_at=now)

    def active_at(self, at: datetime) -> Self:
        """With the time of the household's own behaviour."""
        return self if at <= self.last_activity_at else self._with(last_activity_at=at)

    def linked(self, mini_user_id: str, openid: str, now: datetime) -> Self:
        """To a mini-program user; to none if both are empty."""
        if (mini_user_id, openid) == (self.mini_user_id, self.openid):
            return self
        return self._with(mini_user_id=mini_user_id, openid=openid, updated_at=now)

    # --- ownership

    def assigned(self, to: str, by: str, reason: str, now: datetime) -> Self:
        """To another owner; takes it out of the pool."""
        if to == self.assigned_to and not self.in_public_pool:
            return self
        return self._owned(to, by, reason, now)

    def claimed(self, by: str, now: datetime) -> Self:
        """By a staff member, from the pool. A lost customer becomes a lead again."""
        lost = self.contract_status is Stage.LOST
        stage = stage_of(self.contract_standing, Stage.PENDING) if lost else self.contract_status
        lead_stage = Stage.PENDING if self.lead_stage is Stage.LOST else self.lead_stage
        claimed = self._owned(by, by, "", now)
        return claimed._with(
            contract_status=stage,
            lead_stage=lead_stage,
            claim_count=self.claim_count + 1,
            next_follow_up_at=now + FIRST_FOLLOW_UP,
        )

    def transferred(self, to: str, by: str, reason: str, now: datetime) -> Self:
        """By a rule of automatic transfer. The clock of the new owner starts now."""
        return self._owned(to, by, reason, now)._with(transfer_count=self.transfer_count + 1, last_transferred_at=now)

    def kept(self, by: str, now: datetime) -> Self:
        """Saved from falling into the pool: the time without a follow-up starts again."""
        return self._with(
            keep_count=self.keep_count + 1, kept_at=now, last_updated_by=by, last_activity_at=now, updated_at=now
        )

    def _owned(self, to: str, by: str, reason: str, now: datetime) -> Self:
        return self._with(
            keep_count=0,
            kept_at=None,
            assigned_to=to,
            assigned_by=by,
            assigned_at=now,
            assignment_reason=reason,
            in_public_pool=False,
            public_pool_entry_time=None,
            public_pool_entry_reason="",
            reminded_for=None,
            awaits_response=to != by,
            breach_announced_at=None,
            last_activity_at=now,
            updated_at=now,
        )

    def released(self, by: str, reason: str, now: datetime) -> Self:
        """To the pool."""
        return self._with(
            assigned_to="",
            in_public_pool=True,
            public_pool_entry_time=now,
            public_pool_entry_reason=reason,
            released_by=by,
            released_at=now,
            next_follow_up_at=None,
            awaits_response=False,
            updated_at=now,
        )

    def followed_up(self, by: str, now: datetime, next_at: datetime | None) -> Self:
        """By a staff member. `next_at` replaces the planned time."""
        return self._with(
            last_follow_up_by=by,
            last_follow_up_time=now,
            followed_up_by=tuple(dict.fromkeys((*self.followed_up_by, by))),
            next_follow_up_at=next_at,
            reminded_for=None,
            awaits_response=False,
            last_activity_at=now,
            updated_at=now,
        )

    def frozen(self, by: str, reason: str, now: datetime) -> Self:
        if self.is_frozen:
            return self
        return self._with(is_frozen=True, frozen_at=now, frozen_by=by, frozen_reason=reason, updated_at=now)

    def unfrozen(self, now: datetime) -> Self:
        if not self.is_frozen:
            return self
        return self._with(is_frozen=False, frozen_at=None, frozen_by="", frozen_reason="", updated_at=now)

    def with_fields(self, **fields: Any) -> Self:
        """For technical values, such as the holding."""
        return self._with(**fields)

    def snapshot(self) -> dict[str, Any]:
        """The values that an audit row shows; the row masks personal ones."""
        shown = self.model_dump(mode="json", by_alias=True, exclude=_NOT_AUDITED)
        present = {name: value for name, value in shown.items() if value not in (None, "", [])}
        if self.address:  # under a name by which it is masked
            present["homeAddress"] = present.pop("address")
        return {**present, "leadLevel": self.lead_level}

    def _with(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)


_NOT_AUDITED: Final = {
    *("id", "version", "edited_version", "holding_id", "updated_at", "last_updated_by", "last_activity_at"),
    *(
        "created_at",
        "created_by",
        "lead_stage",
        "contract_standing",
        "signed_contract_id",
        "followed_up_by",
        "reminded_for",
    ),
    *("awaits_response", "breach_announced_at"),
}

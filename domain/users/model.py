"""A mini-program user (小程序用户): the account and its state changes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from domain.sessions.model import Session, Sessions, add_session, keep_session, remove_session
from domain.shared.entity import Entity
from domain.shared.model import Instant
from domain.shared.places.region import Region, normalise_city, normalise_province, normalise_region
from domain.shared.plain_text import cleaned_line
from domain.users.errors import UserBlocked, UsernameFixed
from domain.users.identity import Identity, IdentityDigests, WeChatIdentity, identity_key

INACTIVE_AFTER = timedelta(days=30)
MAX_USER_SESSIONS = 4
"""Devices at once. A mini-program logs in whenever it is opened, so an account usually has the maximum; every login
reads and writes all of them."""

StoredStatus = Literal["active", "blocked"]
ShownStatus = Literal["active", "inactive", "blocked"]
RegionSource = Literal["profile", "ip", ""]

_SHOWN_IN_AUDIT = {
    *("phone", "username", "nickname", "avatar", "avatar_file", "gender", "city", "province", "country", "language"),
    *("status", "status_reason", "unionid", "merged_into"),
}


class User(Entity):
    """`openid` and `unionid` repeat the first identity for legacy readers.

    `edited_version` is the version given by the last change other than a login. An edit based on an older version
    conflicts; logins in between do not matter.
    """

    phone: str = ""
    phone_verified_at: Instant | None = None
    phone_lost_at: Instant | None = None
    username: str = ""
    username_key: str = ""
    nickname: Annotated[str, cleaned_line()] = ""
    avatar: str = ""
    avatar_file: str = ""
    openid: str = ""
    unionid: str = ""
    identities: tuple[Identity, ...] = ()
    needs_review: bool = False
    status: StoredStatus = "active"
    status_reason: str = ""
    role: str = "customer"
    gender: int | None = None
    city: str = ""
    province: str = ""
    country: str = ""
    language: str = ""
    region: Region = Region()
    region_source: RegionSource = ""
    extra: dict[str, Any] | None = None
    sessions: Sessions = ()
    login_count: int = 0
    first_login_at: Instant | None = None
    last_login_at: Instant | None = None
    last_login_ip: str = ""
    last_active_at: Instant | None = None
    created_at: Instant
    updated_at: Instant
    edited_version: int = 0
    deleted_at: Instant | None = None
    merged_into: str = ""
    remains: IdentityDigests | None = None

    @classmethod
    def registered(cls, user_id: str, identity: WeChatIdentity, now: datetime) -> Self:
        return cls(id=user_id, created_at=now, updated_at=now).with_identity(identity)

    @property
    def has_phone(self) -> bool:
        return bool(self.phone)

    @property
    def is_gone(self) -> bool:
        """Deleted, or merged into another account."""
        return self.deleted_at is not None

    def shown_status(self, now: datetime) -> ShownStatus:
        """`inactive` is derived, not stored: no login for INACTIVE_AFTER. The next login ends it."""
        if self.status == "blocked":
            return "blocked"
        return "inactive" if (self.last_login_at or self.created_at) < now - INACTIVE_AFTER else "active"

    def require_usable(self) -> None:
        """Raises UserBlocked. Checked on login and on each use of a session."""
        if self.status == "blocked":
            raise UserBlocked

    # --- WeChat identities

    def identity_in(self, app_id: str, open_id: str) -> Identity | None:
        key = identity_key(app_id, open_id)
        return next((identity for identity in self.identities if identity.key == key), None)

    def open_id_for(self, app_id: str) -> str:
        """The openid in that app; the first identity's when the account has none there."""
        return next((identity.openid for identity in self.identities if identity.appid == app_id), self.openid)

    def has_open_id(self, open_id: str) -> bool:
        return any(identity.openid == open_id for identity in self.identities)

    def with_identity(self, wechat: WeChatIdentity) -> Self:
        """Adds an openid, or updates its unionid. An openid is never replaced."""
        new = Identity(appid=wechat.app_id, openid=wechat.open_id, unionid=wechat.union_id)
        kept = tuple(new if identity.key == new.key else identity for identity in self.identities)
        identities = kept if new in kept else (*kept, new)
        return self._with(identities=identities, openid=identities[0].openid, unionid=identities[0].unionid)

    def flagged_for_review(self) -> Self:
        return self._with(needs_review=True)

    # --- profile

    def with_profile(self, fields: Mapping[str, Any]) -> Self:
        """Replaces profile fields; None removes one."""
        values = {name: value if value is not None or name == "gender" else "" for name, value in fields.items()}
        if "province" in values:
            values["province"] = normalise_province(values["province"]) or values["province"]
        if values.get("city"):
            province = values.get("province", self.province)
            values["city"] = normalise_city(province, values["city"]) or values["city"]
        return self._with(**values) if values else self

    def with_profile_filled(self, fields: Mapping[str, Any]) -> Self:
        """Sets only the fields that are empty."""
        return self.with_profile({name: value for name, value in fields.items() if getattr(self, name) in ("", None)})

    def with_region(self, address_region: Region | None) -> Self:
        """The region of the profile; else the first region that a login address gave; else unknown.

        Later addresses do not count: a train ride must not move a user to another province.
        """
        profile_region = normalise_region(self.province, self.city)
        if profile_region.province:
            return self._with_region(profile_region, "profile")
        if self.region_source == "ip":
            return self
        if address_region and address_region.province:
            return self._with_region(address_region, "ip")
        return self._with_region(Region(), "")

    def _with_region(self, region: Region, source: RegionSource) -> Self:
        if (region, source) == (self.region, self.region_source):
            return self
        return self._with(region=region, region_source=source)

    @property
    def own_words(self) -> tuple[str, ...]:
        """Words that a password of the account must not be made of."""
        return (self.username, self.nickname, self.phone)

    def with_username(self, username: str) -> Self:
        """An account name is set once. Raises UsernameFixed."""
        key = username.lower()
        if self.username_key and self.username_key != key:
            raise UsernameFixed
        return self if self.username_key else self._with(username=username, username_key=key)

    # --- phone

    def with_phone(self, phone: str, verified: bool, now: datetime) -> Self:
        if phone == self.phone and (not verified or self.phone_verified_at):
            return self
        return self._with(phone=phone, phone_verified_at=now if verified else None, phone_lost_at=None)

    def without_phone(self, now: datetime, lost: bool = False) -> Self:
        """`lost`: another account has verified the number."""
        if not self.phone:
            return self
        return self._with(phone="", phone_verified_at=None, phone_lost_at=now if lost else self.phone_lost_at)

    # --- login and sessions

    def logged_in(self, session: Session, now: datetime, address: str) -> Self:
        return self._with(
            sessions=add_session(self.sessions, session, MAX_USER_SESSIONS),
            login_count=self.login_count + 1,
            first_login_at=self.first_login_at or now,
            last_login_at=now,
            last_login_ip=address,
            last_active_at=now,
            updated_at=now,
        )

    def refreshed(self, sessions: Sessions, now: datetime) -> Self:
        return self._with(sessions=sessions, last_active_at=now)

    def without_session(self, session_id: str) -> Self:
        return self._with(sessions=remove_session(self.sessions, session_id))

    def with_only_session(self, session_id: str) -> Self:
        return self._with(sessions=keep_session(self.sessions, session_id))

    # --- staff decisions

    def with_status(self, status: StoredStatus, reason: str) -> Self:
        """Blocking ends every session in the same save."""
        sessions = () if status == "blocked" else self.sessions
        return self._with(status=status, status_reason=reason, sessions=sessions)

    def deleted(self, remains: IdentityDigests, now: datetime) -> Self:
        """The document stays for statistics and audit; nothing is left to search for or to log in with."""
        emptied = self._emptied(remains, now)
        return emptied._with(openid="", unionid="", identities=())

    def merged(self, into: str, remains: IdentityDigests, now: datetime) -> Self:
        """Keeps its openids, which lead to the account `into` from now on; loses phone, name and sessions."""
        return self._emptied(remains, now)._with(merged_into=into)

    def _emptied(self, remains: IdentityDigests, now: datetime) -> Self:
        return self._with(
            phone="",
            phone_verified_at=None,
            username="",
            username_key="",
            sessions=(),
            needs_review=False,
            remains=remains,
            deleted_at=now,
        )

    def snapshot(self) -> dict[str, Any]:
        """The fields that an audit row shows; the row masks personal values."""
        snapshot = self.model_dump(by_alias=True, include=_SHOWN_IN_AUDIT)
        snapshot["openids"] = [identity.openid for identity in self.identities]
        snapshot["sessions"] = len(self.sessions)
        snapshot["deleted"] = self.is_gone
        return snapshot

    def _with(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)

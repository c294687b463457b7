"""Answers with a mini-program user: in clear for the user, masked for staff."""

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from domain.shared.masking import mask_id, mask_phone
from domain.shared.model import Instant, Model
from domain.shared.places.region import Region
from domain.shared.text import Text
from domain.users.login.completion import LoggedIn
from domain.users.login_record import LoginRecord
from domain.users.model import ShownStatus, User
from domain.users.profiles import OwnAccount

PREFIX = "/api/miniprogram-users"
TAG = Text("小程序用户", "Mini-program users")

ShownRegionSource = Literal["profile", "ip"]


class UserAnswer(Model):
    """The fields of the legacy system; unknown values are null. `version` grows with every change."""

    document_id: str = Field(alias="_id")
    id: str
    phone: str | None
    username: str | None
    nickname: str | None
    avatar: str | None
    avatar_file: str | None
    openid: str | None
    unionid: str | None
    status: ShownStatus
    role: str
    gender: int | None
    city: str | None
    province: str | None
    country: str | None
    language: str | None
    region: Region
    region_source: ShownRegionSource | None
    has_phone: bool
    login_count: int
    first_login_at: Instant | None
    last_login_at: Instant | None
    last_login_ip: str | None
    created_at: Instant
    updated_at: Instant
    version: int


class OwnAnswer(UserAnswer):
    """The user's own account."""

    is_staff: bool

    @classmethod
    def of(cls, account: OwnAccount, now: datetime) -> "OwnAnswer":
        return cls.model_validate({**_fields(account.user, now), "is_staff": account.is_staff})


class InfoAnswer(OwnAnswer):
    is_admin: bool

    @classmethod
    def of(cls, account: OwnAccount, now: datetime) -> "InfoAnswer":
        flags = {"is_staff": account.is_staff, "is_admin": account.is_admin, "role": account.role}
        return cls.model_validate({**_fields(account.user, now), **flags})


class LoginAnswer(OwnAnswer):
    """The user's own account, and the tokens of the new session."""

    is_new_user: bool
    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int

    @classmethod
    def by(cls, done: LoggedIn) -> "LoginAnswer":
        now = done.user.last_login_at or done.user.updated_at
        return cls(
            **_fields(done.user, now), is_staff=done.is_staff, is_new_user=done.is_new, **done.tokens.model_dump()
        )


class IdentityAnswer(Model):
    appid: str
    openid: str
    unionid: str | None


class StaffUserAnswer(UserAnswer):
    """For staff: phone and openids are masked. Where the profile has no province, the region is shown."""

    identities: list[IdentityAnswer]
    status_reason: str | None
    phone_verified: bool
    phone_lost_at: Instant | None
    needs_review: bool
    last_active_at: Instant | None
    session_count: int | None
    """Null in a list, which does not load sessions."""

    @classmethod
    def of(cls, user: User, now: datetime, listed: bool = False) -> "StaffUserAnswer":
        shown = {
            **_fields(user, now),
            "phone": mask_phone(user.phone) if user.phone else None,
            "openid": mask_id(user.openid) if user.openid else None,
            "unionid": mask_id(user.unionid) if user.unionid else None,
        }
        if not user.province:
            shown |= {"province": user.region.province or None, "city": user.city or user.region.city or None}
        return cls(
            **shown,
            identities=[
                IdentityAnswer(
                    appid=identity.appid,
                    openid=mask_id(identity.openid),
                    unionid=mask_id(identity.unionid) if identity.unionid else None,
                )
                for identity in user.identities
            ],
            status_reason=user.status_reason or None,
            phone_verified=user.phone_verified_at is not None,
            phone_lost_at=user.phone_lost_at,
            needs_review=user.needs_review,
            last_active_at=user.last_active_at,
            session_count=None if listed else len(user.sessions),
        )


class LoginLogAnswer(Model):
    id: str
    at: Instant
    method: str
    result: Literal["success", "failed"]
    reason: str | None
    appid: str | None
    ip: str | None
    user_agent: str | None
    province: str | None
    city: str | None
    count: int
    """How many refused attempts of one minute the row stands for; 1 for a single one."""

    @classmethod
    def of(cls, record: LoginRecord) -> "LoginLogAnswer":
        return cls(
            id=record.id,
            at=record.at,
            method=record.method,
            result=record.result,
            reason=record.reason or None,
            appid=record.app_id or None,
            ip=record.address or None,
            user_agent=record.user_agent or None,
            province=record.region.province or None,
            city=record.region.city or None,
            count=record.count,
        )


def _fields(user: User, now: datetime) -> dict[str, Any]:
    return {
        "document_id": user.id,
        "id": user.id,
        "phone": user.phone or None,
        "username": user.username or None,
        "nickname": user.nickname or None,
        "avatar": user.avatar or None,
        "avatar_file": user.avatar_file or None,
        "openid": user.openid or None,
        "unionid": user.unionid or None,
        "status": user.shown_status(now),
        "role": user.role,
        "gender": user.gender,
        "city": user.city or None,
        "province": user.province or None,
        "country": user.country or None,
        "language": user.language or None,
        "region": user.region,
        "region_source": user.region_source or None,
        "has_phone": user.has_phone,
        "login_count": user.login_count,
        "first_login_at": user.first_login_at,
        "last_login_at": user.last_login_at,
        "last_login_ip": user.last_login_ip or None,
        "created_at": user.created_at,
        "updated_at": user.updated_at,
        "version": user.version,
    }

"""Profile fields of a mini-program user, and the forms that are accepted."""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, ValidatorFunctionWrapHandler, WrapValidator

from domain.shared.model import Model
from domain.shared.plain_text import PRINTABLE_ASCII, cleaned_line, one_line

IMAGE_HOSTS = ("qlogo.cn", "qpic.cn", "myqcloud.com")
"""Hosts of WeChat profile pictures and of our object storage, including their subdomains."""

_STORAGE_KEY = re.compile(r"/?[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")


def _picture(address: str) -> str:
    if _STORAGE_KEY.fullmatch(address):
        return address
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise ValueError("图片地址不正确 / not an address of a picture") from None
    host = (parts.hostname or "").lower()
    trusted = any(host == known or host.endswith(f".{known}") for known in IMAGE_HOSTS)
    if parts.scheme != "https" or not trusted or parts.username is not None or port not in (None, 443):
        raise ValueError("图片地址不在允许的域名内 / pictures must be https, on a known host, or a storage key")
    return address


def _absent_when_empty(value: object, validated: ValidatorFunctionWrapHandler) -> object:
    return (None if value == "" else validated(value)) or None


Absent = WrapValidator(_absent_when_empty)
"""Reads an empty text, also one of spaces only, as null. Both mean "not given"; neither is stored."""

Nickname = Annotated[str, one_line(32), Field(examples=["小王"])]
WeChatNickname = Annotated[str, cleaned_line(32), Field(examples=["小王"])]
Picture = Annotated[
    str,
    StringConstraints(max_length=512, pattern=PRINTABLE_ASCII),
    Field(examples=["avatars/2026/a1.png"]),
    AfterValidator(_picture),
]
Place = Annotated[str, one_line(64)]
WeChatPlace = Annotated[str, cleaned_line(64)]
Gender = Annotated[int, Field(strict=True, ge=0, le=2, description="0 未知, 1 男, 2 女")]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_-]{1,16}$")]
Username = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{3,31}$"), Field(examples=["wang_xiaoming"])]
"""Begins with a letter, so that it never looks like a phone number."""
OpenId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
WxCode = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=PRINTABLE_ASCII)]


class ProfileFields(Model):
    """All optional. A field sent as null or "" is absent: an update removes it, a login ignores it."""

    nickname: Annotated[Nickname | None, Absent] = None
    avatar: Annotated[Picture | None, Absent] = None
    avatar_file: Annotated[Picture | None, Absent] = None
    gender: Gender | None = None
    city: Annotated[Place | None, Absent] = None
    province: Annotated[Place | None, Absent] = None
    country: Annotated[Place | None, Absent] = None
    language: Annotated[LanguageTag | None, Absent] = None

    def sent(self) -> dict[str, Any]:
        """The fields of the request; None for those to remove."""
        return {name: getattr(self, name) for name in PROFILE_FIELDS if name in self.model_fields_set}

    def filled(self) -> dict[str, Any]:
        """The fields of the request that have a value."""
        return {name: value for name, value in self.sent().items() if value is not None}


class WeChatProfileFields(ProfileFields):
    """Profile fields that a mini-program passes on from WeChat: hidden characters are removed instead of refused,
    because its user has not typed them and must be able to log in."""

    nickname: Annotated[WeChatNickname | None, Absent] = None
    city: Annotated[WeChatPlace | None, Absent] = None
    province: Annotated[WeChatPlace | None, Absent] = None
    country: Annotated[WeChatPlace | None, Absent] = None


PROFILE_FIELDS = tuple(ProfileFields.model_fields)

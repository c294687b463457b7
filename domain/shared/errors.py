"""Base errors of the domain. Each edge translates them in one place; no other code catches them.

An error is a class with a stable upper-case `code` and a `text` in both languages. Its base class is its kind, and the
edges map kinds to statuses. `details` may be shown to the caller: never put a secret or another person's data there.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from pydantic.alias_generators import to_camel

from domain.shared.text import Text

INTERNAL_ERROR: Final = ("INTERNAL_ERROR", Text("服务器内部错误", "Internal server error"))
"""Code and text for an exception that is no domain error: it is logged, and never shown."""


class DomainError(Exception):
    code: ClassVar[str] = "ERROR"
    text: ClassVar[Text] = Text("操作失败", "The operation failed")

    def __init__(self, **details: object) -> None:
        super().__init__(self.code)
        self.details = details

    @property
    def shown_text(self) -> Text:
        """`text`, completed by an error that knows more than its class."""
        return self.text

    @property
    def shown_details(self) -> dict[str, object]:
        """The details with camelCase names, as everywhere on the wire."""
        return {to_camel(name): value for name, value in self.details.items()}


class InvalidRequest(DomainError):
    """The request does not match its schema."""

    code = "INVALID_REQUEST"
    text = Text("请求参数不正确", "The request is not valid")

    def __init__(self, fields: Sequence[Mapping[str, str]] = (), **details: object) -> None:
        """`fields`: one mapping per wrong field, with its name (`field`) and the `problem` as "中文 / English"."""
        super().__init__(**({"fields": fields} if fields else {}), **details)
        self.fields = fields


class NotAuthenticated(DomainError):
    code = "NOT_AUTHENTICATED"
    text = Text("请先登录", "Please sign in")


class PermissionDenied(DomainError):
    code = "PERMISSION_DENIED"
    text = Text("没有权限执行此操作", "You are not allowed to do this")


class NotFound(DomainError):
    code = "NOT_FOUND"
    text = Text("数据不存在", "No such thing")


class Conflict(DomainError):
    code = "CONFLICT"
    text = Text("数据已被他人修改，请刷新后重试", "Someone else changed this first; reload and try again")


class RuleViolated(DomainError):
    code = "RULE_VIOLATED"
    text = Text("当前状态不允许此操作", "This is not possible in the present state")


class RateLimited(DomainError):
    code = "RATE_LIMITED"
    text = Text("请求过于频繁，请稍后再试", "Too many requests; please try again later")

    def __init__(self, retry_after_seconds: int, **details: object) -> None:
        super().__init__(retry_after_seconds=retry_after_seconds, **details)
        self.retry_after_seconds = retry_after_seconds


class UpstreamFailed(DomainError):
    """A provider refused the request or returned an invalid answer."""

    code = "UPSTREAM_FAILED"
    text = Text("外部服务暂时不可用，请稍后再试", "An external service failed; please try again later")


class UpstreamTimedOut(UpstreamFailed):
    code = "UPSTREAM_TIMED_OUT"
    text = Text("外部服务响应超时，请稍后再试", "An external service did not answer in time")


class Unavailable(DomainError):
    """A store of ours is down, or did not confirm a command in time.

    The command may have taken effect: reading the state again, or repeating the idempotency key, shows whether it did.
    """

    code = "UNAVAILABLE"
    text = Text("服务暂时不可用，请稍后再试", "The service is temporarily unavailable")

    def __init__(self, retry_after_seconds: int = 5, **details: object) -> None:
        super().__init__(**details)
        self.retry_after_seconds = retry_after_seconds


class StorageFull(Unavailable):
    """A store of ours has no room: nothing can be saved until an operator makes some. Reads go on."""

    code = "STORAGE_FULL"
    text = Text("存储空间已满，暂时无法保存，请稍后再试", "The storage is full, so nothing can be saved right now")

    def __init__(self, retry_after_seconds: int = 10, **details: object) -> None:
        super().__init__(retry_after_seconds, **details)

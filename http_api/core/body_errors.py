"""Errors of request bodies that do not arrive as they should."""

from domain.shared.errors import DomainError, InvalidRequest, Unavailable
from domain.shared.text import Text


class BodyTooLarge(InvalidRequest):
    code = "BODY_TOO_LARGE"
    text = Text("请求内容过大", "The request body is too large")


class BodyTooSlow(DomainError):
    code = "BODY_TOO_SLOW"
    text = Text("请求内容传输过慢，请检查网络后重试", "The request arrived too slowly; check the network and try again")


class TooManyBodies(Unavailable):
    """The app process, or the client's address, has too many unfinished bodies at the same time."""

    code = "TOO_MANY_UPLOADS"
    text = Text("同时上传的内容过多，请稍后再试", "Too much is being uploaded at once; please try again shortly")

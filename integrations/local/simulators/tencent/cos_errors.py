"""Errors of COS, as XML."""

import secrets
from typing import Final
from xml.sax.saxutils import escape

from aiohttp import web

STATUS: Final = {
    "AccessDenied": 403,
    "BadDigest": 400,
    "EntityTooLarge": 400,
    "EntityTooSmall": 400,
    "ExpiredToken": 400,
    "InvalidAccessKeyId": 403,
    "InvalidArgument": 400,
    "InvalidPart": 400,
    "InvalidPolicyDocument": 400,
    "InvalidRange": 416,
    "InternalError": 500,
    "KeyTooLong": 400,
    "MalformedXML": 400,
    "MethodNotAllowed": 405,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "NoSuchUpload": 404,
    "RequestTimeTooSkewed": 403,
    "ServiceUnavailable": 503,
    "SignatureDoesNotMatch": 403,
    "SlowDown": 503,
}


class CosError(Exception):
    def __init__(self, code: str, status: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.status = status or STATUS[code]

    def response(self, request: web.Request) -> web.Response:
        if request.method == "HEAD":
            return web.Response(status=self.status)
        parts = {
            "Code": self.code,
            "Message": "simulated",
            "Resource": request.path,
            "RequestId": secrets.token_hex(12),
            "TraceId": secrets.token_hex(24),
        }
        return xml_response("Error", parts, self.status)


def xml_response(root: str, parts: dict[str, str], status: int = 200, inner: str = "") -> web.Response:
    """`inner` is XML already."""
    text = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items())
    body = f"<?xml version='1.0' encoding='utf-8' ?>\n<{root}>{text}{inner}</{root}>"
    return web.Response(text=body, status=status, content_type="application/xml")

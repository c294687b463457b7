"""IDCardOCR: verifies TC3 signatures, reads the card that a picture stands for, and has the provider's limits."""

import asyncio
import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from typing import Any, Final

from aiohttp import web

from integrations.local.simulators.tencent.state import Fault, SimulatorState
from integrations.tencent.tc3 import Tc3Key

_AUTHORIZATION: Final = re.compile(
    r"TC3-HMAC-SHA256 Credential=([^/]+)/(\d{4}-\d\d-\d\d)/([a-z]+)/tc3_request, SignedHeaders=([a-z0-9;-]+), "
    r"Signature=([0-9a-f]{64})"
)
_MAX_SKEW_SECONDS: Final = 300
_CALLS_PER_SECOND: Final = 20
_MAX_IMAGE_BYTES: Final = 10 * 1024 * 1024
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG", b"BM")
FRONT: Final = {
    "Name": "王芳",
    "Sex": "女",
    "Nation": "汉",
    "Birth": "1990/3/7",
    "Address": "北京市海淀区中关村大街1号",
    "IdNum": "110101199003070003",
}
BACK: Final = {"Authority": "北京市公安局海淀分局", "ValidDate": "2020.07.21-2040.07.21"}


class TencentError(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class OcrApi:
    def __init__(self, state: SimulatorState) -> None:
        self._state = state

    async def handle(self, request: web.Request) -> web.StreamResponse:
        action = request.headers["X-TC-Action"]
        fault = self._state.next_fault(action) or Fault()
        try:
            body = await request.read()
            self._require_signature(request, body)
            if fault.code:
                raise TencentError(fault.code)
            if action != "IDCardOCR":
                raise TencentError("InvalidAction")
            if request.headers.get("X-TC-Version") != "2018-11-19":
                raise TencentError("NoSuchVersion")
            self._require_rate()
            answer = self._read(json.loads(body))
        except TencentError as error:
            answer = {"Error": {"Code": error.code, "Message": "simulated"}}
        await asyncio.sleep(fault.delay_seconds)
        return web.json_response({"Response": {**answer, "RequestId": secrets.token_hex(16)}})

    def _require_signature(self, request: web.Request, body: bytes) -> None:
        account = self._state.account
        parts = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
        timestamp = request.headers.get("X-TC-Timestamp", "")
        if parts is None or not timestamp.isdecimal():
            raise TencentError("AuthFailure.InvalidAuthorization")
        if parts[1] != account.secret_id:
            raise TencentError("AuthFailure.SecretIdNotFound")
        if abs(int(timestamp) - self._state.now()) > _MAX_SKEW_SECONDS:
            raise TencentError("AuthFailure.SignatureExpire")
        names = parts[4].split(";")
        signed = {name: request.headers.get(name, "") for name in names}
        if "x-tc-action" in signed:
            signed["x-tc-action"] = signed["x-tc-action"].lower()
        key = Tc3Key(account.secret_id, account.secret_key)
        expected = key.authorization(parts[3], signed, body, int(timestamp))
        if not {"content-type", "host"} <= signed.keys() or not hmac.compare_digest(
            expected.encode(), request.headers["Authorization"].encode()
        ):
            raise TencentError("AuthFailure.SignatureFailure")

    def _require_rate(self) -> None:
        now, recent = asyncio.get_running_loop().time(), self._state.recent_recognitions
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= _CALLS_PER_SECOND:
            raise TencentError("RequestLimitExceeded")
        recent.append(now)

    def _read(self, arguments: dict[str, Any]) -> dict[str, Any]:
        encoded = arguments.get("ImageBase64")
        if not encoded:
            raise TencentError("FailedOperation.EmptyImageError")
        if len(encoded) > _MAX_IMAGE_BYTES:
            raise TencentError("LimitExceeded.TooLargeFileError")
        try:
            picture = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise TencentError("FailedOperation.ImageDecodeFailed") from None
        if not picture.startswith(_PICTURES):
            raise TencentError("FailedOperation.ImageDecodeFailed")
        side = arguments.get("CardSide", "")
        if side not in ("", "FRONT", "BACK"):
            raise TencentError("InvalidParameterValue.InvalidParameterValueLimit")
        written = self._state.cards.get(hashlib.sha256(picture).hexdigest())
        if written is not None and side and ("IdNum" in written) != (side == "FRONT"):
            raise TencentError("FailedOperation.CardSideError")
        card = written if written is not None else BACK if side == "BACK" else FRONT
        empty = dict.fromkeys((*FRONT, *BACK), "")
        return {**empty, "AdvancedInfo": '{"WarnInfos":[]}', **card}

"""ZEGO's server API v2: `GET /?Action=...`, signed; every answer has HTTP status 200."""

import asyncio
import hashlib
import hmac
import secrets
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web
from multidict import MultiMapping

from integrations.local.simulators.zego.rooms import Rooms
from integrations.local.simulators.zego.world import Recorded, SimRoom, World

Query = MultiMapping[str]
Do = Callable[[Query], dict[str, Any] | None]

SKEW_SECONDS: Final = 600
NO_ROOM_TO_KICK, NO_ROOM_TO_CLOSE = 104, 5024
BAD_PARAMETER, LIMITED = 2, 206
LIMITS: Final = {
    "CloseRoom": 1,
    "KickoutUser": 50,
    "DescribeUserNum": 10,
    "DescribeUserList": 10,
    "DescribeUsers": 10,
    "SendCustomCommand": 100,
}


class Refusal(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class ServerApi:
    def __init__(self, world: World, rooms: Rooms) -> None:
        self._world = world
        self._rooms = rooms
        self._recent: dict[str, deque[float]] = {}
        self._actions: dict[str, Do] = {
            "CloseRoom": self._close_room,
            "KickoutUser": self._kickout_user,
            "DescribeUserNum": self._describe_user_num,
            "DescribeUserList": self._describe_user_list,
            "DescribeUsers": self._describe_users,
            "SendCustomCommand": self._send_custom_command,
        }

    async def handle(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        action = query.get("Action", "")
        fault = self._world.next_fault(action)
        if fault.status != 200:
            self._record(query, -fault.status)
            return web.Response(text="upstream error", status=fault.status)
        try:
            self._require_signature(query)
            if fault.code is not None:
                raise Refusal(fault.code, "injected")
            self._require_pace(action)
            data, code, message = self._actions[action](query), 0, "success"
        except Refusal as refusal:
            data, code, message = None, refusal.code, str(refusal)
        self._record(query, code)
        if fault.delay_seconds:
            await asyncio.sleep(fault.delay_seconds)
        if fault.lose_answer and request.transport is not None:
            request.transport.close()
        answer: dict[str, Any] = {"Code": code, "Message": message, "RequestId": secrets.token_hex(8)}
        return web.json_response({**answer, "Data": data} if data is not None else answer)

    def _require_signature(self, query: Query) -> None:
        project, now = self._world.project, self._world.now()
        nonce, timestamp = query.get("SignatureNonce", ""), query.get("Timestamp", "")
        signature = query.get("Signature", "")
        if query.get("AppId") != str(project.app_id):
            raise Refusal(100_000_001, "invalid appId")
        if not query.get("Action"):
            raise Refusal(100_000_006, "action missing")
        if query["Action"] not in self._actions:
            raise Refusal(100_000_007, "unknown action")
        if not timestamp:
            raise Refusal(100_000_002, "timestamp missing")
        if not timestamp.isdecimal():
            raise Refusal(100_000_003, "timestamp invalid")
        if abs(int(timestamp) - now) > SKEW_SECONDS:
            raise Refusal(100_000_004, "signature expired")
        if query.get("SignatureVersion") != "2.0":
            raise Refusal(100_000_013, "signature version")
        if len(nonce) != 16 or self._was_used(nonce, now):
            raise Refusal(100_000_008, "nonce")
        if not signature:
            raise Refusal(100_000_009, "signature missing")
        text = f"{project.app_id}{nonce}{project.server_secret}{timestamp}"
        expected = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            raise Refusal(100_000_005, "signature wrong")

    def _was_used(self, nonce: str, now: float) -> bool:
        used = nonce in self._world.nonces
        self._world.nonces = {each: at for each, at in self._world.nonces.items() if at > now - SKEW_SECONDS * 2}
        self._world.nonces[nonce] = now
        return used

    def _require_pace(self, action: str) -> None:
        """By real time: limits protect the cloud, whatever a test does to its clock."""
        if not self._world.knobs.rate_limits:
            return
        now, recent = asyncio.get_running_loop().time(), self._recent.setdefault(action, deque())
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= LIMITS[action]:
            raise Refusal(LIMITED, "qps limit")
        recent.append(now)

    def _record(self, query: Query, code: int) -> None:
        shown = {name: query.getall(name) if name.endswith("[]") else query[name] for name in query}
        for secret in ("Signature", "SignatureNonce", "SignatureVersion", "AppId", "Timestamp", "Action"):
            shown.pop(secret, None)
        self._world.calls.append(Recorded(query.get("Action", ""), code, asyncio.get_running_loop().time(), shown))

    # actions

    def _close_room(self, query: Query) -> None:
        room = self._world.rooms.get(_room_id(query))
        if room is None:
            raise Refusal(NO_ROOM_TO_CLOSE, "room not exist")
        self._rooms.close(room, _reason(query), report=query.get("RoomCloseCallback", "").lower() == "true")

    def _kickout_user(self, query: Query) -> None:
        room_id, users = _room_id(query), _many(query, "UserId[]", most=5)
        if room_id not in self._world.rooms:
            raise Refusal(NO_ROOM_TO_KICK, "room not exist")
        for user_id in users:
            self._rooms.kick(room_id, user_id, _reason(query))

    def _describe_user_num(self, query: Query) -> dict[str, Any]:
        counts = [(room_id, len(self._users(room_id))) for room_id in _many(query, "RoomId[]", most=10)]
        return {
            "UserCountList": [{"RoomId": room_id, "UserCount": count, "AdminUserCount": 0} for room_id, count in counts]
        }

    def _describe_user_list(self, query: Query) -> dict[str, Any]:
        limit = min(int(query.get("Limit") or 100), 200)
        users = sorted(self._users(_room_id(query)).values(), key=lambda user: user.session_id)
        users = [user for user in users if user.session_id > query.get("Marker", "")]
        page = users[:limit]
        return {
            "Marker": page[-1].session_id if len(users) > limit else "",
            "UserList": [{"UserId": user.user_id, "UserName": user.name} for user in page],
        }

    def _describe_users(self, query: Query) -> dict[str, Any]:
        here = self._users(_room_id(query))
        asked = _many(query, "UserId[]", most=10)
        return {"UserStatusList": [{"UserId": user_id, "Status": int(user_id in here)} for user_id in asked]}

    def _send_custom_command(self, query: Query) -> dict[str, Any]:
        here = self._users(_room_id(query))
        if not query.get("FromUserId") or not query.get("MessageContent"):
            raise Refusal(BAD_PARAMETER, "parameter")
        return {"FailUsers": [{"Uid": to} for to in query.getall("ToUserId[]", []) if to not in here]}

    def _users(self, room_id: str) -> dict[str, Any]:
        room: SimRoom | None = self._world.rooms.get(room_id)
        return dict(room.users) if room else {}


def _room_id(query: Query) -> str:
    room_id = query.get("RoomId", "")
    if not room_id:
        raise Refusal(BAD_PARAMETER, "RoomId")
    return room_id


def _many(query: Query, name: str, most: int) -> list[str]:
    values: list[str] = query.getall(name, [])
    if not 1 <= len(values) <= most:
        raise Refusal(BAD_PARAMETER, name)
    return values


def _reason(query: Query) -> str:
    reason = query.get("CustomReason", "")
    if len(reason.encode()) > 256:
        raise Refusal(BAD_PARAMETER, "CustomReason")
    return reason

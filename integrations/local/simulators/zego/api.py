"""ZEGO's server API v2: signed `GET /?Action=...`; every response has HTTP status 200."""

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
from integrations.local.simulators.zego.state import RecordedCall, SimRoom, SimulatorState

Query = MultiMapping[str]
Action = Callable[[Query], dict[str, Any] | None]

MAX_CLOCK_SKEW_SECONDS: Final = 600
NO_ROOM_TO_KICK, NO_ROOM_TO_CLOSE = 104, 5024
BAD_PARAMETER, RATE_LIMITED = 2, 206
CALLS_PER_SECOND: Final = {
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
    def __init__(self, state: SimulatorState, rooms: Rooms) -> None:
        self._state = state
        self._rooms = rooms
        self._recent_calls: dict[str, deque[float]] = {}
        self._actions: dict[str, Action] = {
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
        fault = self._state.next_fault(action)
        if fault.status != 200:
            self._record(query, -fault.status)
            return web.Response(text="upstream error", status=fault.status)
        try:
            self._require_signature(query)
            if fault.code is not None:
                raise Refusal(fault.code, "injected")
            self._require_rate(action)
            data, code, message = self._actions[action](query), 0, "success"
        except Refusal as refusal:
            data, code, message = None, refusal.code, str(refusal)
        self._record(query, code)
        if fault.delay_seconds:
            await asyncio.sleep(fault.delay_seconds)
        if fault.lose_answer and request.transport is not None:
            request.transport.close()
        response: dict[str, Any] = {"Code": code, "Message": message, "RequestId": secrets.token_hex(8)}
        return web.json_response({**response, "Data": data} if data is not None else response)

    def _require_signature(self, query: Query) -> None:
        project, now = self._state.project, self._state.now()
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
        if abs(int(timestamp) - now) > MAX_CLOCK_SKEW_SECONDS:
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
        used = nonce in self._state.nonces
        self._state.nonces = {
            each: at for each, at in self._state.nonces.items() if at > now - MAX_CLOCK_SKEW_SECONDS * 2
        }
        self._state.nonces[nonce] = now
        return used

    def _require_rate(self, action: str) -> None:
        """Counts by real time, independent of the simulated clock."""
        if not self._state.settings.rate_limits:
            return
        now, recent = asyncio.get_running_loop().time(), self._recent_calls.setdefault(action, deque())
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= CALLS_PER_SECOND[action]:
            raise Refusal(RATE_LIMITED, "qps limit")
        recent.append(now)

    def _record(self, query: Query, code: int) -> None:
        shown = {name: query.getall(name) if name.endswith("[]") else query[name] for name in query}
        for secret in ("Signature", "SignatureNonce", "SignatureVersion", "AppId", "Timestamp", "Action"):
            shown.pop(secret, None)
        self._state.calls.append(RecordedCall(query.get("Action", ""), code, asyncio.get_running_loop().time(), shown))

    # actions

    def _close_room(self, query: Query) -> None:
        room = self._state.rooms.get(_room_id(query))
        if room is None:
            raise Refusal(NO_ROOM_TO_CLOSE, "room not exist")
        self._rooms.close(room, _reason(query), report=query.get("RoomCloseCallback", "").lower() == "true")

    def _kickout_user(self, query: Query) -> None:
        room_id, users = _room_id(query), _values(query, "UserId[]", max_count=5)
        if room_id not in self._state.rooms:
            raise Refusal(NO_ROOM_TO_KICK, "room not exist")
        for user_id in users:
            self._rooms.kick(room_id, user_id, _reason(query))

    def _describe_user_num(self, query: Query) -> dict[str, Any]:
        counts = [(room_id, len(self._users(room_id))) for room_id in _values(query, "RoomId[]", max_count=10)]
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
        asked = _values(query, "UserId[]", max_count=10)
        return {"UserStatusList": [{"UserId": user_id, "Status": int(user_id in here)} for user_id in asked]}

    def _send_custom_command(self, query: Query) -> dict[str, Any]:
        here = self._users(_room_id(query))
        if not query.get("FromUserId") or not query.get("MessageContent"):
            raise Refusal(BAD_PARAMETER, "parameter")
        return {"FailUsers": [{"Uid": to} for to in query.getall("ToUserId[]", []) if to not in here]}

    def _users(self, room_id: str) -> dict[str, Any]:
        room: SimRoom | None = self._state.rooms.get(room_id)
        return dict(room.users) if room else {}


def _room_id(query: Query) -> str:
    room_id = query.get("RoomId", "")
    if not room_id:
        raise Refusal(BAD_PARAMETER, "RoomId")
    return room_id


def _values(query: Query, name: str, max_count: int) -> list[str]:
    values: list[str] = query.getall(name, [])
    if not 1 <= len(values) <= max_count:
        raise Refusal(BAD_PARAMETER, name)
    return values


def _reason(query: Query) -> str:
    reason = query.get("CustomReason", "")
    if len(reason.encode()) > 256:
        raise Refusal(BAD_PARAMETER, "CustomReason")
    return reason

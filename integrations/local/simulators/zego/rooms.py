"""Rooms as ZEGO keeps them: created by the first log-in, closed when the last user has left or timed out."""

import asyncio
from typing import Final, Literal

from integrations.local.simulators.zego.callbacks import CallbackSender
from integrations.local.simulators.zego.state import Notice, SimRoom, SimulatorState, SimUser
from integrations.zego.token04 import BadToken, Token04, room_access

NOT_ALLOWED: Final = 1_002_033
KICKED_BY_SERVER: Final = 1_002_055
LOGGED_IN_ELSEWHERE: Final = 1_002_050
MAX_ROOM_ID_LENGTH: Final = 128
_EXPIRY_CHECK_SECONDS: Final = 0.25

LeaveReason = Literal["0", "1", "3"]
NORMAL: Final = "0"
HEARTBEAT: Final = "1"
KICKED: Final = "3"


class LoginRefused(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Rooms:
    def __init__(self, state: SimulatorState, callbacks: CallbackSender) -> None:
        self._state = state
        self._callbacks = callbacks
        self._tokens = Token04(state.project.app_id, state.project.server_secret)
        self.notified = asyncio.Event()
        """Set, and replaced by a new event at once, whenever a user gets a notice."""

    def login(self, room_id: str, user_id: str, name: str, token: str) -> SimUser:
        """Raises LoginRefused."""
        may_publish = self._authorize(room_id, user_id, token)
        self._end_other_session(user_id)
        now = self._state.now()
        room = self._state.rooms.get(room_id)
        if room is None:
            room = SimRoom(room_id, self._state.next_session(), now, user_id)
            self._state.rooms[room_id] = room
            created = {"room_session_id": room.session_id, "room_create_time": _ms(now), "id_name": user_id}
            self._report(room, "room_create", created)
        user = SimUser(user_id, name, self._state.next_session(), now, now, may_publish)
        room.users[user_id] = user
        logged_in = {"room_name": room_id, "room_seq": room.session_id, **_identity(user), "login_time": _ms(now)}
        self._report(room, "room_login", logged_in)
        return user

    def logout(self, room_id: str, user_id: str, reason: LeaveReason = NORMAL) -> bool:
        """False when the user was not in the room."""
        room = self._state.rooms.get(room_id)
        user = room.users.pop(user_id, None) if room else None
        if room is None or user is None:
            return False
        now = self._state.now()
        logged_out = {
            **_identity(user),
            "login_time": _ms(user.logged_in_at),
            "logout_time": _ms(now),
            "reason": reason,
        }
        self._report(room, "room_logout", {"room_seq": room.session_id, **logged_out})
        if not room.users:
            self._destroy(room, reason)
        return True

    def heartbeat(self, room_id: str, user_id: str) -> bool:
        user = self._user(room_id, user_id)
        if user is not None and not user.disconnected:
            user.last_heartbeat_at = self._state.now()
        return user is not None

    def disconnect(self, room_id: str, user_id: str) -> bool:
        """The client loses its network. The cloud notices it by the missing heartbeats."""
        user = self._user(room_id, user_id)
        if user is not None:
            user.disconnected = True
        return user is not None

    def kick(self, room_id: str, user_id: str, reason: str) -> None:
        if self.logout(room_id, user_id, KICKED):
            self._notify(user_id, KICKED_BY_SERVER, reason, room_id)

    def close(self, room: SimRoom, reason: str, report: bool) -> None:
        """Reports room_close only when the caller asks for it, unlike a kick of the last user."""
        del self._state.rooms[room.room_id]
        for user_id in room.users:
            self._notify(user_id, KICKED_BY_SERVER, reason, room.room_id)
        if report:
            self._report_close(room, KICKED)

    def log_out_timed_out_users(self) -> None:
        before = self._state.now() - self._state.settings.heartbeat_seconds
        for room in list(self._state.rooms.values()):
            for user in list(room.users.values()):
                if user.last_heartbeat_at <= before:
                    self.logout(room.room_id, user.user_id, HEARTBEAT)

    async def run(self) -> None:
        while True:
            self.log_out_timed_out_users()
            await asyncio.sleep(_EXPIRY_CHECK_SECONDS)

    def _authorize(self, room_id: str, user_id: str, token: str) -> bool:
        if not 0 < len(room_id) <= MAX_ROOM_ID_LENGTH:
            raise LoginRefused("room id")
        try:
            claims = self._tokens.open(token, int(self._state.now()))
            access = room_access(claims) if self._state.settings.strict else None
        except BadToken as bad:
            raise LoginRefused(f"token: {bad}") from None
        if claims.user_id != user_id:
            raise LoginRefused("token of another user")
        if access is None:
            return True
        if access.room_id != room_id or not access.may_log_in:
            raise LoginRefused("token of another room")
        return access.may_publish

    def _end_other_session(self, user_id: str) -> None:
        """A user has one session: a second log-in ends the first."""
        for room in list(self._state.rooms.values()):
            if user_id in room.users:
                self.logout(room.room_id, user_id, KICKED)
                self._notify(user_id, LOGGED_IN_ELSEWHERE, "", room.room_id)

    def _destroy(self, room: SimRoom, reason: LeaveReason) -> None:
        del self._state.rooms[room.room_id]
        self._report_close(room, reason)

    def _report_close(self, room: SimRoom, reason: LeaveReason) -> None:
        closed = {
            "room_session_id": room.session_id,
            "close_reason": reason,
            "room_close_time": _ms(self._state.now()),
        }
        self._report(room, "room_close", closed)

    def _report(self, room: SimRoom, event: str, fields: dict[str, str]) -> None:
        self._callbacks.send({"event": event, "room_id": room.room_id, **fields})

    def _notify(self, user_id: str, code: int, reason: str, room_id: str) -> None:
        self._state.notices.setdefault(user_id, []).append(Notice(code, reason, room_id, self._state.now()))
        self.notified.set()
        self.notified = asyncio.Event()

    def _user(self, room_id: str, user_id: str) -> SimUser | None:
        room = self._state.rooms.get(room_id)
        return room.users.get(user_id) if room else None


def _identity(user: SimUser) -> dict[str, str]:
    return {"user_account": user.user_id, "user_nickname": user.name, "session_id": user.session_id}


def _ms(seconds: float) -> str:
    return str(int(seconds * 1000))

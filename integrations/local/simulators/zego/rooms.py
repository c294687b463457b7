"""Rooms as ZEGO keeps them: made by the first who enters, gone when the last has left or fallen silent."""

import asyncio
from typing import Final, Literal

from integrations.local.simulators.zego.callbacks import CallbackSender
from integrations.local.simulators.zego.world import Notice, SimRoom, SimUser, World
from integrations.zego.token04 import BadToken, Token04, room_access

NOT_ALLOWED: Final = 1_002_033
KICKED_BY_SERVER: Final = 1_002_055
LOGGED_IN_ELSEWHERE: Final = 1_002_050
LONGEST_ROOM_ID: Final = 128
_SWEEP_SECONDS: Final = 0.25

Why = Literal["0", "1", "3"]
NORMAL: Final = "0"
HEARTBEAT: Final = "1"
KICKED: Final = "3"


class LoginRefused(Exception):
    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Rooms:
    def __init__(self, world: World, callbacks: CallbackSender) -> None:
        self._world = world
        self._callbacks = callbacks
        self._tokens = Token04(world.project.app_id, world.project.server_secret)
        self.news = asyncio.Event()
        """Set, and at once replaced, whenever somebody was told something."""

    def login(self, room_id: str, user_id: str, name: str, token: str) -> SimUser:
        """Raises LoginRefused."""
        may_publish = self._admit(room_id, user_id, token)
        self._leave_elsewhere(user_id)
        now = self._world.now()
        room = self._world.rooms.get(room_id)
        if room is None:
            room = SimRoom(room_id, self._world.next_session(), now, user_id)
            self._world.rooms[room_id] = room
            created = {"room_session_id": room.session_id, "room_create_time": _ms(now), "id_name": user_id}
            self._report(room, "room_create", created)
        user = SimUser(user_id, name, self._world.next_session(), now, now, may_publish)
        room.users[user_id] = user
        entered = {"room_name": room_id, "room_seq": room.session_id, **_who(user), "login_time": _ms(now)}
        self._report(room, "room_login", entered)
        return user

    def logout(self, room_id: str, user_id: str, why: Why = NORMAL) -> bool:
        """False: was not there."""
        room = self._world.rooms.get(room_id)
        user = room.users.pop(user_id, None) if room else None
        if room is None or user is None:
            return False
        now = self._world.now()
        left = {**_who(user), "login_time": _ms(user.entered_at), "logout_time": _ms(now), "reason": why}
        self._report(room, "room_logout", {"room_seq": room.session_id, **left})
        if not room.users:
            self._destroy(room, why)
        return True

    def heartbeat(self, room_id: str, user_id: str) -> bool:
        user = self._user(room_id, user_id)
        if user is not None and not user.dropped:
            user.heard_at = self._world.now()
        return user is not None

    def drop(self, room_id: str, user_id: str) -> bool:
        """The client's network is gone; the cloud notices only by its silence."""
        user = self._user(room_id, user_id)
        if user is not None:
            user.dropped = True
        return user is not None

    def kick(self, room_id: str, user_id: str, reason: str) -> None:
        if self.logout(room_id, user_id, KICKED):
            self._tell(user_id, KICKED_BY_SERVER, reason, room_id)

    def close(self, room: SimRoom, reason: str, report: bool) -> None:
        """Unlike a kick of the last one, it is reported only when the caller asks for that."""
        del self._world.rooms[room.room_id]
        for user_id in room.users:
            self._tell(user_id, KICKED_BY_SERVER, reason, room.room_id)
        if report:
            self._report_close(room, KICKED)

    def expire_silent(self) -> None:
        before = self._world.now() - self._world.knobs.heartbeat_seconds
        for room in list(self._world.rooms.values()):
            for user in list(room.users.values()):
                if user.heard_at <= before:
                    self.logout(room.room_id, user.user_id, HEARTBEAT)

    async def run(self) -> None:
        while True:
            self.expire_silent()
            await asyncio.sleep(_SWEEP_SECONDS)

    def _admit(self, room_id: str, user_id: str, token: str) -> bool:
        if not 0 < len(room_id) <= LONGEST_ROOM_ID:
            raise LoginRefused("room id")
        try:
            claims = self._tokens.open(token, int(self._world.now()))
            access = room_access(claims) if self._world.knobs.strict else None
        except BadToken as bad:
            raise LoginRefused(f"token: {bad}") from None
        if claims.user_id != user_id:
            raise LoginRefused("token of another user")
        if access is None:
            return True
        if access.room_id != room_id or not access.may_log_in:
            raise LoginRefused("token of another room")
        return access.may_publish

    def _leave_elsewhere(self, user_id: str) -> None:
        """One user is in one place: whoever comes again ends the log-in before."""
        for room in list(self._world.rooms.values()):
            if user_id in room.users:
                self.logout(room.room_id, user_id, KICKED)
                self._tell(user_id, LOGGED_IN_ELSEWHERE, "", room.room_id)

    def _destroy(self, room: SimRoom, why: Why) -> None:
        del self._world.rooms[room.room_id]
        self._report_close(room, why)

    def _report_close(self, room: SimRoom, why: Why) -> None:
        closed = {
            "room_session_id": room.session_id,
            "close_reason": why,
            "room_close_time": _ms(self._world.now()),
        }
        self._report(room, "room_close", closed)

    def _report(self, room: SimRoom, event: str, fields: dict[str, str]) -> None:
        self._callbacks.send({"event": event, "room_id": room.room_id, **fields})

    def _tell(self, user_id: str, code: int, reason: str, room_id: str) -> None:
        self._world.notices.setdefault(user_id, []).append(Notice(code, reason, room_id, self._world.now()))
        self.news.set()
        self.news = asyncio.Event()

    def _user(self, room_id: str, user_id: str) -> SimUser | None:
        room = self._world.rooms.get(room_id)
        return room.users.get(user_id) if room else None


def _who(user: SimUser) -> dict[str, str]:
    return {"user_account": user.user_id, "user_nickname": user.name, "session_id": user.session_id}


def _ms(seconds: float) -> str:
    return str(int(seconds * 1000))

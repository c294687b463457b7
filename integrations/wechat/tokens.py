"""The access token of our mini-program, one for all workers."""

import asyncio
import contextlib
import logging
import math
import secrets

from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from domain.shared.ports import Clock
from integrations.wechat.answers import TOKEN_OPERATION, WeChatRefused, failure_of
from integrations.wechat.http import WeChatHttp

log = logging.getLogger("error.wechat")

PATH = f"/cgi-bin/{TOKEN_OPERATION}"
COPY_SECONDS = 5.0
"""How long a worker uses the token without looking at the shared one."""
SAFETY_SECONDS = 300
SHORTEST_SECONDS = 60
LOCK_SECONDS = 20
"""Longer than all tries of one fetch. Should it end early all the same, the fence keeps the late token out."""
POLL_SECONDS = 0.05
PATIENCE_SECONDS = 0.5
"""For Redis; a token can be had without it."""

_STORE = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return redis.call('DEL', KEYS[2])
"""
_DELETE_IF = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class AccessTokenStore:
    """Whoever finds no token fetches one while everybody else waits: a stampede makes one call.

    Without Redis every worker fetches for itself. That is harmless: in normal mode the stable token repeats.
    """

    def __init__(
        self,
        redis: Redis,
        http: WeChatHttp,
        clock: Clock,
        app_id: str,
        app_secret: str,
        copy_seconds: float = COPY_SECONDS,
    ) -> None:
        self._redis = redis
        self._http = http
        self._clock = clock
        self._app_id = app_id
        self._app_secret = app_secret
        self._copy_seconds = copy_seconds
        self._copy = ""
        self._copy_until = -math.inf
        self._under_way: asyncio.Task[str] | None = None
        # The braces keep both keys on one node of a cluster.
        self._key, self._lock_key = f"wechat:{{{app_id}}}:token", f"wechat:{{{app_id}}}:token:lock"
        self._store = redis.register_script(_STORE)
        self._delete_if = redis.register_script(_DELETE_IF)

    async def current(self) -> str:
        """A token that should work. Raises RateLimited, UpstreamFailed, UpstreamTimedOut."""
        if asyncio.get_running_loop().time() < self._copy_until:
            return self._copy
        if self._under_way is None or self._under_way.done():
            self._under_way = asyncio.create_task(self._renewed_copy())
            self._under_way.add_done_callback(_seen)
        # All who wait share the outcome, a failure too: in an outage they must not fail one after the other.
        return await asyncio.shield(self._under_way)

    async def drop(self, token: str) -> None:
        """Forget a token that WeChat calls dead; one that has already taken its place stays."""
        if token == self._copy:
            self._copy_until = -math.inf
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._delete_if(keys=[self._key], args=[token])
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("wechat token not dropped: redis failed (%s)", type(error).__name__)

    async def _renewed_copy(self) -> str:
        try:
            token = await self._read_or_fetch()
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("wechat token fetched by this process alone: redis failed (%s)", type(error).__name__)
            token, _ = await self._fetch()
        self._copy = token
        self._copy_until = asyncio.get_running_loop().time() + self._copy_seconds
        return token

    async def _read_or_fetch(self) -> str:
        deadline = asyncio.get_running_loop().time() + LOCK_SECONDS
        fence = secrets.token_urlsafe(16)
        while asyncio.get_running_loop().time() < deadline:
            if token := await self._read():
                return token
            async with asyncio.timeout(PATIENCE_SECONDS):
                our_turn = await self._redis.set(self._lock_key, fence, nx=True, px=LOCK_SECONDS * 1000)
            if our_turn:
                return await self._fetch_holding(fence)
            await asyncio.sleep(POLL_SECONDS)
        raise UpstreamTimedOut

    async def _fetch_holding(self, fence: str) -> str:
        try:
            # Whoever held the lock until now may have stored one between our look and our turn.
            if token := await self._read():
                return token
            token, seconds = await self._fetch()
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._store(keys=[self._key, self._lock_key], args=[fence, token, seconds])
            return token
        finally:
            with contextlib.suppress(RedisError, OSError, TimeoutError):  # the lock ends by itself
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await self._delete_if(keys=[self._lock_key], args=[fence])

    async def _read(self) -> str:
        async with asyncio.timeout(PATIENCE_SECONDS):
            token: bytes | str | None = await self._redis.get(self._key)
        return token.decode() if isinstance(token, bytes) else token or ""

    async def _fetch(self) -> tuple[str, int]:
        """A token, and for how many seconds it is safe to share."""
        credentials = {"grant_type": "client_credential", "appid": self._app_id, "secret": self._app_secret}
        try:
            answer = await self._http.post(PATH, credentials, repeatable=True)
        except WeChatRefused as refused:
            raise failure_of(refused, {}, self._clock.now()) from None
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or type(seconds) is not int:
            raise UpstreamFailed
        return token, max(seconds - SAFETY_SECONDS, SHORTEST_SECONDS)


def _seen(task: "asyncio.Task[str]") -> None:
    """All who waited may have gone away; a failure is then nobody's surprise."""
    if not task.cancelled():
        task.exception()

"""The access token of our mini-program, shared by all app processes."""

import asyncio
import contextlib
import logging
import math
import secrets

from redis.asyncio import Redis
from redis.exceptions import RedisError

from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from domain.shared.ports import Clock
from domain.shared.tasks import mark_retrieved
from integrations.wechat.error_codes import TOKEN_OPERATION, WeChatRefused, domain_error_for
from integrations.wechat.http import WeChatHttp

log = logging.getLogger("error.wechat")

PATH = f"/cgi-bin/{TOKEN_OPERATION}"
LOCAL_CACHE_SECONDS = 5.0
"""How long a process uses its copy of the token before it reads the shared one again."""
SAFETY_SECONDS = 300
MIN_SHARED_SECONDS = 60
LOCK_SECONDS = 20
"""Longer than all tries of one fetch. If the lock expires earlier all the same, the fence rejects the late token."""
POLL_SECONDS = 0.05
REDIS_TIMEOUT_SECONDS = 0.5
"""A token can be fetched without Redis."""

_STORE = """
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return redis.call('DEL', KEYS[2])
"""
_DELETE_IF = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class AccessTokenStore:
    """When no token is stored, one caller fetches it and all others wait: a stampede makes one call.

    Without Redis every process fetches its own, which is harmless: WeChat returns the same stable token again.
    """

    def __init__(
        self,
        redis: Redis,
        http: WeChatHttp,
        clock: Clock,
        app_id: str,
        app_secret: str,
        local_cache_seconds: float = LOCAL_CACHE_SECONDS,
    ) -> None:
        self._redis = redis
        self._http = http
        self._clock = clock
        self._app_id = app_id
        self._app_secret = app_secret
        self._copy_seconds = local_cache_seconds
        self._cached = ""
        self._cached_until = -math.inf
        self._refresh: asyncio.Task[str] | None = None
        # The braces place both keys on one node of a cluster.
        self._key, self._lock_key = f"wechat:{{{app_id}}}:token", f"wechat:{{{app_id}}}:token:lock"
        self._store = redis.register_script(_STORE)
        self._delete_if = redis.register_script(_DELETE_IF)

    async def current(self) -> str:
        """A token believed to be valid. Raises RateLimited, UpstreamFailed, UpstreamTimedOut."""
        if asyncio.get_running_loop().time() < self._cached_until:
            return self._cached
        if self._refresh is None or self._refresh.done():
            self._refresh = asyncio.create_task(self._refresh_cache())
            self._refresh.add_done_callback(mark_retrieved)
        # All waiting callers share the outcome, also a failure: in an outage they must not time out one by one.
        return await asyncio.shield(self._refresh)

    async def invalidate(self, token: str) -> None:
        """Remove a token that WeChat rejected. A newer token that has already replaced it stays."""
        if token == self._cached:
            self._cached_until = -math.inf
        try:
            async with asyncio.timeout(REDIS_TIMEOUT_SECONDS):
                await self._delete_if(keys=[self._key], args=[token])
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("wechat token not dropped: redis failed (%s)", type(error).__name__)

    async def _refresh_cache(self) -> str:
        try:
            token = await self._read_or_fetch()
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("wechat token fetched by this process alone: redis failed (%s)", type(error).__name__)
            token, _ = await self._fetch()
        self._cached = token
        self._cached_until = asyncio.get_running_loop().time() + self._copy_seconds
        return token

    async def _read_or_fetch(self) -> str:
        deadline = asyncio.get_running_loop().time() + LOCK_SECONDS
        fence = secrets.token_urlsafe(16)
        while asyncio.get_running_loop().time() < deadline:
            if token := await self._read():
                return token
            async with asyncio.timeout(REDIS_TIMEOUT_SECONDS):
                acquired = await self._redis.set(self._lock_key, fence, nx=True, px=LOCK_SECONDS * 1000)
            if acquired:
                return await self._fetch_locked(fence)
            await asyncio.sleep(POLL_SECONDS)
        raise UpstreamTimedOut

    async def _fetch_locked(self, fence: str) -> str:
        try:
            # The previous holder of the lock may have stored a token after our last read.
            if token := await self._read():
                return token
            token, seconds = await self._fetch()
            async with asyncio.timeout(REDIS_TIMEOUT_SECONDS):
                await self._store(keys=[self._key, self._lock_key], args=[fence, token, seconds])
            return token
        finally:
            with contextlib.suppress(RedisError, OSError, TimeoutError):  # the lock expires by itself
                async with asyncio.timeout(REDIS_TIMEOUT_SECONDS):
                    await self._delete_if(keys=[self._lock_key], args=[fence])

    async def _read(self) -> str:
        async with asyncio.timeout(REDIS_TIMEOUT_SECONDS):
            token: bytes | str | None = await self._redis.get(self._key)
        return token.decode() if isinstance(token, bytes) else token or ""

    async def _fetch(self) -> tuple[str, int]:
        """A new token, and for how many seconds it may be shared."""
        credentials = {"grant_type": "client_credential", "appid": self._app_id, "secret": self._app_secret}
        try:
            answer = await self._http.post(PATH, credentials, repeatable=True)
        except WeChatRefused as refused:
            raise domain_error_for(refused, {}, self._clock.now()) from None
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or type(seconds) is not int:
            raise UpstreamFailed
        return token, max(seconds - SAFETY_SECONDS, MIN_SHARED_SECONDS)

"""The baseline of the log-in benchmark: aiohttp and motor, one find and one update of an account, and nothing else.

`python -m tests.benchmarks.login_baseline PORT ACCOUNTS` serves `POST /login` over the store at MONGODB_URI.
"""

import os
import secrets
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from bson import ObjectId
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection

USERS: web.AppKey["AsyncIOMotorCollection[dict[str, Any]]"] = web.AppKey("users")


def openid(number: int) -> str:
    return f"oBench{number:022d}"


def account(number: int) -> dict[str, Any]:
    """1.3 KB: what an account of the product holds, with its four sessions."""
    now = datetime.now(UTC)
    return {
        "openid": openid(number),
        "phone": f"138{number:08d}",
        "nickname": "小王",
        "identities": [{"appid": "wx0123456789abcdef", "openid": openid(number)}],
        "status": "active",
        "role": "customer",
        "region": {"province": "广东", "city": "深圳"},
        "regionSource": "ip",
        "loginCount": 4,
        "firstLoginAt": now,
        "lastLoginAt": now,
        "lastActiveAt": now,
        "lastLoginIp": "127.0.0.1",
        "createdAt": now,
        "updatedAt": now,
        "version": 4,
        "sessions": [
            {
                "id": str(ObjectId()),
                "refreshHash": secrets.token_hex(32),
                "startedAt": now,
                "usedAt": now,
                "expiresAt": now + timedelta(days=30),
                "address": "127.0.0.1",
            }
            for _ in range(4)
        ],
    }


async def login(request: web.Request) -> web.Response:
    body, users = await request.json(), request.app[USERS]
    found = await users.find_one({"openid": body["openid"]})
    if found is None:
        raise web.HTTPNotFound
    change = {"$inc": {"loginCount": 1}, "$set": {"lastLoginAt": datetime.now(UTC)}}
    await users.update_one({"_id": found["_id"]}, change)
    return web.json_response({"success": True})


async def store(app: web.Application) -> AsyncIterator[None]:
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(os.environ["MONGODB_URI"])
    users = app[USERS] = client.minimal.users
    await users.create_index("openid", unique=True)
    await users.create_index("phone", unique=True)
    await users.create_index("createdAt")
    await users.insert_many([account(number) for number in range(int(sys.argv[2]))])
    yield
    client.close()


def main() -> None:
    app = web.Application()
    app.cleanup_ctx.append(store)
    app.router.add_post("/login", login)
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)


if __name__ == "__main__":
    main()

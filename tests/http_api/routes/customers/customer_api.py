"""Staff at the customers of an app process."""

from dataclasses import dataclass
from typing import Any

from domain.sessions.model import Session, secret_digest
from domain.shared.actor import SYSTEM
from domain.shared.authority import Role
from domain.users.identity import WeChatIdentity
from domain.users.login.identity_verification import Claim
from domain.users.model import User
from tests.app_process import Answer, RunningProcess


@dataclass
class CustomerStaff:
    running: RunningProcess
    id: str
    token: str

    async def call(self, method: str, path: str = "", body: object = None, **query: Any) -> Answer:
        return await self.running.call(method, f"/api/customers{path}", body, self.token, query or None)

    async def create(self, number: int = 1, **more: Any) -> dict[str, Any]:
        answer = await self.call("POST", "", customer_form(number, **more))
        assert answer.status == 201, answer.body
        return dict(answer.data)

    async def created_id(self, number: int = 1, **more: Any) -> str:
        return str((await self.create(number, **more))["id"])

    async def in_pool(self, number: int = 1, **more: Any) -> str:
        """The id of a customer that this person has released."""
        customer_id = await self.created_id(number, **more)
        answer = await self.call("POST", f"/{customer_id}/release-to-pool", {"reason": "暂无需求"})
        assert answer.status == 200, answer.body
        return customer_id

    async def claim(self, *customer_ids: str) -> Answer:
        return await self.call("POST", "/public-pool/claim", {"customerIds": list(customer_ids)})

    async def get(self, customer_id: str) -> dict[str, Any]:
        answer = await self.call("GET", f"/{customer_id}")
        assert answer.status == 200, answer.body
        return dict(answer.data)

    async def listed(self, path: str = "", **query: Any) -> list[str]:
        answer = await self.call("GET", path, **query)
        assert answer.status == 200, answer.body
        return [each["id"] for each in answer.data["list"]]


async def hired(running: RunningProcess, role: Role = Role.EMPLOYEE, name: str = "", **fields: Any) -> CustomerStaff:
    return CustomerStaff(running, *await running.stores.hired(role, name, **fields))


def customer_form(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"name": "王芳", "phone": f"136{number:08d}", "leadSource": "美团", "serviceCategory": "月嫂", **more}


async def mini_user(running: RunningProcess) -> tuple[str, str]:
    """A mini-program user who has logged in, without a phone: the id and the access token."""
    stores, now = running.stores, running.stores.clock.now()
    session = Session(
        id=stores.ids.next_id(),
        refresh_hash=secret_digest("secret"),
        started_at=now,
        used_at=now,
        expires_at=now.replace(year=now.year + 1),
    )
    identity = WeChatIdentity(app_id="wx1", open_id=f"o{stores.ids.next_id()}")
    user = User.registered(stores.ids.next_id(), identity, now)
    await stores.users.save(user.model_copy(update={"sessions": (session,), "last_login_at": now}), [])
    return user.id, stores.tokens.issue("mp", user.id, session.id, now)[0]


async def bind_phone(running: RunningProcess, user_id: str, phone: str) -> None:
    """Verified, as by WeChat."""
    profiles = running.services.users.profiles
    await profiles.bind_phone(user_id, Claim(phone=phone), False, SYSTEM, from_machine=True)

"""The messages of a mini-program user over HTTP: from the contract to the inbox of its customer alone."""

from typing import Any

import pytest

from domain.shared.actor import SYSTEM
from domain.shared.inbox import InboxMessage
from domain.users.identity import WeChatIdentity
from domain.users.login.identity_verification import Claim
from domain.users.model import User
from tests.app_process import MACHINE_SECRET, Answer
from tests.contract_api import ContractApi, StaffMember
from tests.domain.contracts.builders import NOW
from tests.waiting import eventually

PATH = "/api/miniprogram/notifications"
PHONE, OTHER_PHONE = "13800000001", "13800000002"


async def inbox(api: ContractApi, token: str, **query: Any) -> Any:
    answer = await api.call("GET", PATH, token=token, query=query)
    assert answer.status == 200, answer.body
    return answer.data


async def send(api: ContractApi, key: str, phone: str = PHONE) -> None:
    texts = {"title": key, "title_en": key, "content": "已签署", "content_en": "Signed"}
    message = InboxMessage(key=key, type="contract_signed", phone=phone, **texts, at=NOW)
    await api.running.services.inbox.deliver(message)


async def test_a_customer_reads_the_messages_of_their_contract(admin: StaffMember, api: ContractApi) -> None:
    token, other = await api.mini_program_user(PHONE), await api.mini_program_user(OTHER_PHONE)
    contract = await admin.signing()

    async def arrived() -> Any:
        found = await inbox(api, token)
        return found if found["total"] else None

    found = await eventually(arrived)

    [message] = found["list"]
    assert (message["type"], message["contractId"], message["isRead"]) == ("contract_invite", contract.id, False)
    assert contract.contract_number in message["content"]
    assert "sign" in message["contentEn"]
    assert (found["total"], found["unreadCount"]) == (1, 1)
    assert contract.customer_phone not in str(found)
    assert (await inbox(api, other))["total"] == 0


async def test_messages_are_read_one_by_one_or_all_at_once(api: ContractApi) -> None:
    token = await api.mini_program_user(PHONE)
    for key in ("one", "two", "three"):
        await send(api, key)
    newest = (await inbox(api, token))["list"][0]["id"]

    once, again = [await api.call("POST", f"{PATH}/{newest}/read", {}, token) for _ in range(2)]
    unread = await inbox(api, token, unread="true", pageSize=1)
    everything, nothing = [await api.call("POST", f"{PATH}/read-all", {}, token) for _ in range(2)]

    assert (once.status, again.status) == (200, 200)
    assert (len(unread["list"]), unread["total"], unread["unreadCount"]) == (1, 2, 2)
    assert (everything.data, nothing.data) == ({"updated": 2}, {"updated": 0})
    assert (await inbox(api, token))["unreadCount"] == 0


async def test_the_session_decides_whose_messages_are_read_and_no_phone_in_the_request(api: ContractApi) -> None:
    owner, other = await api.mini_program_user(PHONE), await api.mini_program_user(OTHER_PHONE)
    unverified = await api.mini_program_user("13800000003", verified=False)
    await send(api, "own")
    await send(api, "unverified", "13800000003")
    message = (await inbox(api, owner))["list"][0]["id"]

    assert (await inbox(api, other, phone=PHONE))["total"] == 0
    assert (await inbox(api, unverified))["total"] == 0
    refused = [await api.call("POST", f"{PATH}/{wrong}/read", {"phone": PHONE}, other) for wrong in (message, "f" * 24)]
    all_of_other = await api.call("POST", f"{PATH}/read-all", {"phone": PHONE}, other)

    assert [(each.status, each.code) for each in refused] == [(404, "INBOX_MESSAGE_NOT_FOUND")] * 2
    assert all_of_other.data == {"updated": 0}
    assert (await inbox(api, owner))["unreadCount"] == 1


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("POST", f"/{'a' * 24}/read"), ("POST", "/read-all")])
async def test_only_mini_program_users_have_an_inbox(
    admin: StaffMember, api: ContractApi, method: str, path: str
) -> None:
    async def status(token: str = "", **headers: str) -> int:
        body: dict[str, object] | None = {} if method == "POST" else None
        answer: Answer = await api.call(method, PATH + path, body, token, {"phone": PHONE}, **headers)
        return answer.status

    assert await status() == 401
    assert await status("nonsense") == 401
    assert await status(admin.token) == 401
    assert await status(X_Service_Secret=MACHINE_SECRET) == 401


async def test_messages_follow_the_account(api: ContractApi) -> None:
    """Binding a phone adopts what waits for it, a merge moves it, a deletion removes it: by events of the accounts."""
    rows = api.stores.database["miniprogram_notifications"]
    await send(api, "waiting")
    first, second = [await _account(api) for _ in range(2)]

    async def owners() -> list[str]:
        return [str(row.get("userId", "")) async for row in rows.find({})]

    async def owned_by(user_id: str) -> bool:
        return await owners() == [user_id]

    assert await owners() == [""]
    _, admin_token = await api.stores.hired()
    profiles = api.running.services.users.profiles
    await profiles.bind_phone(first.id, Claim(phone=PHONE), False, SYSTEM, from_machine=True)
    await eventually(lambda: owned_by(first.id))

    merged = await api.call(
        "POST",
        f"/api/miniprogram-users/{first.id}/merge",
        {"into": second.id, "reason": "同一人"},
        admin_token,
    )
    assert merged.status == 200, merged.body
    await eventually(lambda: owned_by(second.id))

    deleted = await api.call("DELETE", f"/api/miniprogram-users/{second.id}", {"reason": "本人要求"}, admin_token)
    assert deleted.status == 200, deleted.body

    async def gone() -> bool:
        return await owners() == []

    await eventually(gone)


async def _account(api: ContractApi) -> User:
    now, ids = api.stores.clock.now(), api.stores.ids
    identity = WeChatIdentity(app_id="wx1", open_id=f"o{ids.next_id()}")
    return await api.stores.users.save(User.registered(ids.next_id(), identity, now), [])

"""The search of all areas over REST: what each finds, for whom, and without numbers in clear."""

from domain.shared.authority import Role
from domain.users.identity import WeChatIdentity
from domain.users.model import User
from tests.app_process import Answer
from tests.contract_api import ContractApi, housekeeping_form

PHONE = "13612345678"


async def found(api: ContractApi, token: str, text: str) -> dict[str, list[str]]:
    answer = await search(api, token, text)
    assert answer.status == 200, answer.body
    assert not [each for each in answer.data["groups"] if each["problem"]]
    return {each["area"]: [hit["id"] for hit in each["hits"]] for each in answer.data["groups"]}


async def search(api: ContractApi, token: str, text: str) -> Answer:
    return await api.call("GET", "/api/search", token=token, query={"q": text})


async def test_a_search_finds_records_of_all_areas_that_the_reader_may_see(api: ContractApi) -> None:
    admin_id, admin = await api.stores.hired(Role.ADMIN, "周主管", phone=PHONE)
    _, employee = await api.stores.hired(Role.EMPLOYEE)
    now = api.stores.clock.now()
    user = User.registered(api.stores.ids.next_id(), WeChatIdentity(app_id="wx", open_id="o" * 28), now)
    await api.stores.users.save(user.model_copy(update={"phone": PHONE, "nickname": "周阿姨"}), [])
    lead = {"name": "周客户", "phone": PHONE}
    customer = (await api.call("POST", "/api/customers", lead, admin)).data["id"]
    form = housekeeping_form(1, customerPhone=PHONE, customerName="周客户", customerId=customer)
    contract = (await api.call("POST", "/api/contracts/miniprogram/create", form, admin)).data["id"]
    body = {"roomName": "周一面试", "candidatePhone": PHONE}
    room = (await api.call("POST", "/api/interview/rooms", body, admin)).data["roomId"]

    mine = {"customers": [customer], "contracts": [contract], "interviews": [room]}
    every = {**mine, "staff": [admin_id], "users": [user.id]}
    assert await found(api, admin, "周") == every
    answer = await search(api, admin, PHONE)
    assert {each["area"]: [hit["id"] for hit in each["hits"]] for each in answer.data["groups"]} == every
    assert "136****5678" in str(answer.data)
    assert PHONE not in str(answer.data)
    assert await found(api, employee, PHONE) == {"customers": [], "contracts": [], "interviews": []}
    assert (await search(api, "", "周")).status == 401


async def test_an_area_shows_five_hits_and_tells_how_many_there_are(api: ContractApi) -> None:
    for number in range(7):
        await api.stores.hired(Role.EMPLOYEE, f"同名者{number}")
    _, admin = await api.stores.hired(Role.ADMIN)

    [staff] = [each for each in (await search(api, admin, " 同名 ")).data["groups"] if each["area"] == "staff"]

    assert (len(staff["hits"]), staff["total"]) == (5, 7)
    assert {each["area"] for each in (await search(api, admin, "")).data["groups"]} >= {"users", "contracts"}

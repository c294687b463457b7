"""A customer's stage follows its contract, and open lists and forms get pushes."""

import socketio

from tests.contract_api import ContractApi, Provider
from tests.http_api.routes.customers.customer_api import CustomerStaff
from tests.waiting import eventually


async def test_a_contract_moves_the_stage_and_every_change_is_pushed_once(api: ContractApi, provider: Provider) -> None:
    admin = await api.staff()
    staff = CustomerStaff(api.running, admin.id, admin.token)
    socket = socketio.AsyncClient(reconnection=False)
    pushes: list[tuple[str, int]] = []
    dictionaries: list[str] = []
    socket.on("customerChanged", lambda push, *_: pushes.append((push["change"], push["version"])), "/customers")
    socket.on("dictionaryChanged", lambda push, *_: dictionaries.append(push["code"]), "/customers")
    await socket.connect(api.url, auth={"token": admin.token}, namespaces=["/customers"], transports=["websocket"])
    customer_id = await staff.created_id(leadLevel="A类")

    async def at(stage: str) -> dict[str, object]:
        async def reached() -> dict[str, object] | None:
            customer = await staff.get(customer_id)
            return customer if customer["contractStatus"] == stage else None

        return await eventually(reached)

    contract = await admin.signing(1, customerId=customer_id)
    assert (await at("签约中"))["leadLevel"] == "A类"
    for order in (1, 2):
        await provider.do(contract.esign_contract_no, "sign", order=order)
    signed = await at("已签约")

    assert (signed["leadLevel"], signed["followUpStatus"]) == ("O类", None)
    assert (await staff.call("DELETE", f"/{customer_id}", {})).code == "CUSTOMER_HAS_CONTRACTS"
    await eventually(lambda: len(pushes) == 3)
    assert pushes == [("created", 1), ("stage", 2), ("stage", 3)]

    async def nothing_held() -> bool:
        return bool((await staff.call("GET", "/my-customer-count")).data["held"] == 0)

    await eventually(nothing_held)
    stored = (await api.call("GET", "/api/dictionaries", token=admin.token)).data[0]
    body = {"entries": stored["entries"], "version": stored["version"]}
    assert (await api.call("PATCH", f"/api/dictionaries/{stored['code']}", body, admin.token)).status == 200
    await eventually(lambda: dictionaries == [stored["code"]])
    await socket.shutdown()


async def test_a_contract_without_a_record_makes_its_customer_and_a_signed_one_corrects_it(
    api: ContractApi, provider: Provider
) -> None:
    admin = await api.staff()
    staff = CustomerStaff(api.running, admin.id, admin.token)
    contract = await admin.signing(1, customerName="陈静", customerAddress="海淀区一号")

    async def found() -> list[str]:
        return await staff.listed(search="陈静")

    [customer_id] = await eventually(found)
    made = await staff.get(customer_id)
    assert (made["assignedTo"], made["leadSource"], made["serviceCategory"]) == (admin.id, "其他", "月嫂")
    assert (await api.contract(contract.id)).customer_id == customer_id
    other = await staff.created_id(7)
    edit = {"name": "陈小静", "phone": "13600000009", "version": made["version"]}
    assert (await staff.call("PATCH", f"/{customer_id}", edit)).status == 200
    taken = {"phone": "13800000001", "name": "赵敏"}
    assert (await staff.call("PATCH", f"/{other}", taken)).status == 200

    for order in (1, 2):
        await provider.do(contract.esign_contract_no, "sign", order=order)

    async def signed() -> dict[str, object] | None:
        customer = await staff.get(customer_id)
        return customer if customer["contractStatus"] == "已签约" else None

    customer = await eventually(signed)
    assert (customer["name"], customer["phone"], customer["possibleDuplicates"]) == ("陈静", "136****0009", [other])

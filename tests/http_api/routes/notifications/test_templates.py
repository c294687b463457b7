"""Templates by REST: checked when saved, audited, used by the next notification, and previewed on real data."""

from typing import Any

from domain.shared.authority import Role
from tests.contract_api import ContractApi, StaffMember
from tests.http_api.routes.notifications.test_own import notified
from tests.waiting import eventually

CREATED = "/notification-templates/CONTRACT_CREATED"


async def template(admin: StaffMember, code: str = "CONTRACT_CREATED") -> dict[str, Any]:
    listed = (await admin.call("GET", "/notification-templates")).data["list"]
    return next(each for each in listed if each["type"] == code)


async def test_an_edited_template_is_used_and_audited_and_can_be_reset(api: ContractApi) -> None:
    admin = await api.staff(Role.ADMIN)

    title, action = "来了新单 {{contractNumber}}", "看 {{contractNumber}}"
    edit = {"version": 1, "title": title, "titleEn": "", "actionText": action, "actionTextEn": "", "priority": "LOW"}
    saved = await admin.call("PATCH", CREATED, edit)
    await admin.create(1)
    (row,) = (await notified(admin))["list"]
    reset = await admin.call("POST", f"{CREATED}/reset", {"version": 2})

    number = row["data"]["contractNumber"]
    assert (saved.data["version"], row["priority"]) == (2, "LOW")
    assert row["title"] == row["titleEn"] == f"来了新单 {number}"
    assert row["actionText"] == row["actionTextEn"] == f"看 {number}"
    assert (reset.data["title"], reset.data["priority"]) == ("新建合同 {{contractNumber}}", "HIGH")

    async def audited() -> Any:
        query = {"targetKind": "notification-template", "targetId": "CONTRACT_CREATED"}
        rows = (await admin.call("GET", "/audit-logs", query=query)).data["list"]
        return rows if len(rows) == 2 else None

    second, first = await eventually(audited)
    assert (first["action"], first["before"]["title"]) == (
        "notification-template.update",
        "新建合同 {{contractNumber}}",
    )
    assert (second["action"], second["after"]["priority"]) == ("notification-template.reset", "HIGH")


BAD_EDITS: list[tuple[dict[str, Any], str]] = [
    ({"title": "{{phone}} {{contractNumber}}"}, "TEMPLATE_UNKNOWN_VARIABLE"),
    ({"contentEn": "{{客户}} {{customerName"}, "TEMPLATE_UNKNOWN_VARIABLE"),
    ({"content": "<b>{{customerName}}</b>"}, "TEMPLATE_MARKUP"),
    ({"actionText": "<script>x</script>"}, "TEMPLATE_MARKUP"),
    ({"actionUrl": "https://elsewhere.example/"}, "INVALID_REQUEST"),
    ({"actionUrl": "//elsewhere.example/"}, "INVALID_REQUEST"),
    ({"actionUrl": "/\t/elsewhere.example/"}, "INVALID_REQUEST"),
    ({"title": ""}, "INVALID_REQUEST"),
    ({"version": 7}, "TEMPLATE_VERSION_CONFLICT"),
]


async def test_a_bad_edit_is_refused_and_changes_nothing(api: ContractApi) -> None:
    admin = await api.staff(Role.ADMIN)
    before = await template(admin)

    refused = [await admin.call("PATCH", CREATED, {"version": 1, **edit}) for edit, _ in BAD_EDITS]
    unknown = await admin.call("PATCH", "/notification-templates/NO_SUCH_TYPE", {"version": 1})

    assert [answer.code for answer in refused] == [code for _, code in BAD_EDITS]
    assert refused[0].body["details"] == {"field": "title", "variables": ["phone"]}
    assert refused[1].body["details"] == {"field": "contentEn", "variables": ["{{customerName", "客户"]}
    assert (unknown.status, unknown.code) == (404, "TEMPLATE_NOT_FOUND")
    assert await template(admin) == before


async def test_a_disabled_type_is_not_sent(api: ContractApi) -> None:
    admin = await api.staff(Role.ADMIN)
    await admin.call("PATCH", CREATED, {"version": 1, "enabled": False})
    await admin.create(1)
    await admin.call("PATCH", CREATED, {"version": 2, "enabled": True})

    second = await admin.create(2)

    (row,) = (await notified(admin))["list"]
    assert row["about"] == {"kind": "contract", "id": second}


async def test_a_preview_shows_the_newest_real_notification_else_examples(api: ContractApi) -> None:
    admin = await api.staff(Role.ADMIN)
    draft = {"title": "新单 {{contractNumber}}（{{customerName}}）", "actionText": "看 {{customerName}}"}

    sample = (await admin.call("POST", f"{CREATED}/preview", draft)).data
    await admin.create(1)
    (row,) = (await notified(admin))["list"]
    real = (await admin.call("POST", f"{CREATED}/preview", draft)).data

    assert (sample["basis"], sample["title"]) == ("sample", "新单 HT20261130001（王芳）")
    assert sample["actionText"] == "看 王芳"
    assert (real["basis"], real["notificationId"]) == ("notification", row["id"])
    assert real["title"] == f"新单 {row['data']['contractNumber']}（王芳）"
    assert (await template(admin))["title"] == "新建合同 {{contractNumber}}"


async def test_only_administrators_of_settings_see_templates_and_everybody_the_types(api: ContractApi) -> None:
    employee = await api.staff(Role.EMPLOYEE)

    assert (await employee.call("GET", "/notification-templates")).status == 403
    assert (await employee.call("PATCH", CREATED, {"version": 1, "enabled": False})).status == 403
    assert (await employee.call("POST", f"{CREATED}/preview", {})).status == 403
    types = {each["code"]: each for each in (await employee.call("GET", "/notifications/types")).data["list"]}
    assert types["CONTRACT_CREATED"]["variables"] == ["contractId", "contractNumber", "customerName", "workerName"]
    assert (types["CONTRACT_STATUS_CHANGED"]["area"], types["CONTRACT_STATUS_CHANGED"]["mergeSeconds"]) == (
        *("contracts", 3600),
    )

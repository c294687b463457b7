"""Preview of the start of signing: the messages and their recipients."""

import pytest

from domain.contracts.drafting.templates import FieldKind, Template, TemplateField
from domain.contracts.errors import PartiesIncomplete, TransitionNotAllowed
from domain.contracts.signing.preview import preview_of
from domain.contracts.statuses import SignerRole
from domain.shared.scope import EVERYTHING
from tests.domain.contracts.builders import a_contract
from tests.domain.contracts.harness import ContractsHarness
from tests.domain.contracts.scenarios import sent

TEMPLATE = Template(
    template_no="TN-HOME",
    fields=(
        TemplateField(key="客户电话", kind=FieldKind.TEXT, required=True),
        TemplateField(key="客户身份证号", kind=FieldKind.ID_CARD),
        TemplateField(key="服务时间", kind=FieldKind.TEXT, required=True),
        TemplateField(key="休息方式", kind=FieldKind.CHOICE, options=("单休", "双休")),
        TemplateField(key="签署区", kind=FieldKind.SIGNATURE),
    ),
)


def test_a_preview_shows_what_is_filled_in_missing_and_wrong_with_masked_numbers() -> None:
    draft = a_contract(template_params={"休息方式": "不休", "没有的": "1"})

    preview = preview_of(TEMPLATE, "家政", draft.terms(), ())

    assert [(field.key, field.values, field.invalid) for field in preview.fields] == [
        ("客户电话", ("138****0001",), False),
        ("客户身份证号", (f"1101****{draft.customer_id_card[-4:]}",), False),
        ("服务时间", (), False),
        ("休息方式", ("不休",), True),
    ]
    assert preview.unknown == ("没有的",)


async def test_a_preview_names_the_recipients_in_signing_order(harness: ContractsHarness) -> None:
    draft = await harness.add(a_contract())
    without_template, started = await harness.add(a_contract(2, esign_template_no="")), await sent(harness, 3)
    preview = harness.services.signing.draft_preview

    shown = await preview(draft.id, EVERYTHING)

    assert [party.role for party in shown.recipients] == [SignerRole.CUSTOMER, SignerRole.WORKER, SignerRole.AGENCY]
    assert shown.template_name == "家政"
    with pytest.raises(PartiesIncomplete):
        await preview(without_template.id, EVERYTHING)
    with pytest.raises(TransitionNotAllowed):
        await preview(started.id, EVERYTHING)

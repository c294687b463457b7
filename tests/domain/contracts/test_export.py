"""Export of the list of contracts."""

from decimal import Decimal
from typing import Any

import pytest

from domain.audit.recorded_exports import RecordedExports
from domain.contracts.board.filter import ContractFilter
from domain.contracts.export import ContractExport
from domain.contracts.statuses import ContractStatus
from domain.shared.authority import Role, StaffAuthority
from domain.shared.scope import Scope
from domain.shared.spreadsheets import ExportTooLarge
from domain.shared.text import Language
from tests.domain.contracts.builders import STAFF, a_contract, acting, active, staff
from tests.domain.contracts.harness import ContractsHarness

MANAGER, EMPLOYEE = staff(Role.MANAGER), staff(Role.EMPLOYEE)


async def exported(
    harness: ContractsHarness, by: StaffAuthority, language: Language = "zh", search: str = "", **filters: object
) -> None:
    wanted = ContractFilter.model_validate(filters)
    exported = await harness.services.export.workbook(wanted, search, language, by, acting(by))
    async with exported.workbook:
        pass


async def test_the_filtered_list_is_exported_with_masked_numbers_unless_permitted(harness: ContractsHarness) -> None:
    await harness.add(a_contract(1))
    shown = await harness.add(active(2))

    await exported(harness, EMPLOYEE, status=ContractStatus.ACTIVE)
    [masked] = harness.spreadsheets.rows
    await exported(harness, MANAGER, status=ContractStatus.ACTIVE)
    [clear] = harness.spreadsheets.rows

    assert len(masked) == len(harness.spreadsheets.titles)
    assert masked[:2] == (shown.contract_number, "生效中")
    assert masked[6:8] == ("138****0002", f"1101****{shown.customer_id_card[-4:]}")
    assert clear[6:8] == (shown.customer_phone, shown.customer_id_card)
    assert clear[11:16] == (shown.start_date, shown.end_date, Decimal(8800), Decimal(3000), "员工5")


async def test_an_export_keeps_to_the_data_scope_and_the_readers_language(harness: ContractsHarness) -> None:
    await harness.add(a_contract(1))
    await harness.add(a_contract(2, created_by="7" * 24))

    await exported(harness, EMPLOYEE, "en", scope=Scope.of(STAFF.id))

    [row] = harness.spreadsheets.rows
    assert (harness.spreadsheets.titles[1], row[1]) == ("Status", "Draft")


async def test_an_export_is_audited_with_its_filters(harness: ContractsHarness) -> None:
    await harness.add(a_contract(1))

    await exported(harness, MANAGER, search="王芳")

    row: Any = harness.auditor.rows[0]
    assert (row.target_id, row.after) == ("*", {"query": {"search": "王芳"}, "rows": 1, "clear": True})


async def test_too_many_rows_are_refused(harness: ContractsHarness) -> None:
    await harness.add(a_contract(1))
    exports = RecordedExports(harness.spreadsheets, harness.auditor, harness.clock, harness.ids)
    export = ContractExport(harness.services.queries, harness.contracts, exports, most_rows=0)

    with pytest.raises(ExportTooLarge):
        await export.workbook(ContractFilter(), "", "zh", MANAGER, acting(MANAGER))

    assert harness.auditor.rows == []

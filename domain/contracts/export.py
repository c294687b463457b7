"""Exports the list of contracts as a spreadsheet."""

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import Final

from domain.audit.recorded_exports import ExportedList, RecordedExports
from domain.contracts.board.filter import ContractFilter
from domain.contracts.model import Contract
from domain.contracts.ports import ContractRepository
from domain.contracts.queries import ContractQueries
from domain.contracts.statuses import CANCEL_LABELS, CATEGORY_LABELS, STATUS_LABELS, TYPE_LABELS
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.masking import mask_id, mask_phone
from domain.shared.parts import parts_of
from domain.shared.spreadsheets import Export, Row, columns_in
from domain.shared.text import Language, Text

MAX_ROWS: Final = 50_000
BATCH: Final = 200
CLEAR_NUMBERS: Final = "contract:export"
"""The permission to get phones and card numbers in clear."""

_TITLE: Final = Text("合同", "Contracts")
_COLUMNS: Final[tuple[tuple[Text, int], ...]] = (
    (Text("合同编号", "Contract number"), 20),
    (Text("状态", "Status"), 10),
    (Text("取消原因", "Cancelled because"), 16),
    (Text("类别", "Category"), 10),
    (Text("服务类型", "Service"), 14),
    (Text("客户姓名", "Customer"), 12),
    (Text("客户手机号", "Customer's phone"), 14),
    (Text("客户身份证号", "Customer's ID card"), 20),
    (Text("阿姨姓名", "Worker"), 12),
    (Text("阿姨手机号", "Worker's phone"), 14),
    (Text("阿姨身份证号", "Worker's ID card"), 20),
    (Text("开始日期", "Starts"), 12),
    (Text("结束日期", "Ends"), 12),
    (Text("阿姨工资（元）", "Worker's salary (CNY)"), 14),
    (Text("应收费用（元）", "Fee (CNY)"), 14),
    (Text("归属人", "Owner"), 12),
    (Text("创建时间", "Created"), 20),
    (Text("更新时间", "Updated"), 20),
)


class ContractExport:
    def __init__(
        self,
        queries: ContractQueries,
        repository: ContractRepository,
        exports: RecordedExports,
        most_rows: int = MAX_ROWS,
    ) -> None:
        self._queries = queries
        self._repository = repository
        self._exports = exports
        self._most_rows = most_rows

    async def workbook(
        self, wanted: ContractFilter, search: str, language: Language, by: StaffAuthority, actor: Actor
    ) -> Export:
        """A workbook of all matching contracts, newest first. Numbers are masked unless `by` may export them.

        The audit row is written first. Raises ExportTooLarge.
        """
        ids = await self._queries.matching(wanted, search)
        clear = by.may(CLEAR_NUMBERS)
        exported = ExportedList(
            kind="contract",
            title=_TITLE.in_language(language),
            columns=columns_in(language, _COLUMNS),
            rows=self._rows(ids, language, clear),
            count=len(ids),
        )
        query = {**wanted.model_dump(mode="json", by_alias=True, exclude_defaults=True), "search": search}
        return await self._exports.export(exported, self._most_rows, query, language, actor, clear=clear)

    async def _rows(self, ids: Sequence[str], language: Language, clear: bool) -> AsyncIterator[Row]:
        names: dict[str, str] = {}
        for part in parts_of(ids, BATCH):
            contracts = await self._repository.find_all(part)
            owners = {contract.created_by for contract in contracts}
            names |= await self._queries.staff_names(list(owners - names.keys()))
            for contract in contracts:
                yield _row(contract, names, language, clear)


def _row(contract: Contract, names: dict[str, str], language: Language, clear: bool) -> Row:
    reason, kind = contract.cancel_reason, contract.contract_type
    return (
        contract.contract_number,
        STATUS_LABELS[contract.contract_status].in_language(language),
        CANCEL_LABELS[reason].in_language(language) if reason else None,
        CATEGORY_LABELS[contract.order_category].in_language(language),
        TYPE_LABELS[kind].in_language(language) if kind else None,
        contract.customer_name,
        _phone(contract.customer_phone, clear),
        _card(contract.customer_id_card, clear),
        contract.worker_name,
        _phone(contract.worker_phone, clear),
        _card(contract.worker_id_card, clear),
        contract.start_date,
        contract.end_date,
        _yuan(contract.worker_salary_fen),
        _yuan(contract.amount_due_fen),
        names.get(contract.created_by, ""),
        contract.created_at,
        contract.updated_at,
    )


def _phone(phone: str, clear: bool) -> str:
    return phone if clear or not phone else mask_phone(phone)


def _card(card: str, clear: bool) -> str:
    return card if clear or not card else mask_id(card)


def _yuan(fen: int | None) -> Decimal | None:
    return None if fen is None else Decimal(fen) / 100

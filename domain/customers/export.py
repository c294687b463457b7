"""Exports the list of customers as a spreadsheet."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from domain.audit.recorded_exports import ExportedList, RecordedExports
from domain.customers.change_events import AUDIT_TARGET
from domain.customers.customer_query import CustomerFilter, CustomerQuery
from domain.customers.levels import LEVEL_LABELS
from domain.customers.model import FOLLOW_UP_LABELS, Customer
from domain.customers.ports import CustomerList, StaffDirectory
from domain.customers.stages import STAGE_LABELS
from domain.shared.actor import Actor
from domain.shared.authority import StaffAuthority
from domain.shared.masking import mask_home_address, mask_id, mask_phone, mask_text
from domain.shared.spreadsheets import Export, Row, columns_in
from domain.shared.text import Language, Text

MAX_ROWS: Final = 50_000
CLEAR_NUMBERS: Final = "customer:export"
"""The permission to get phones, WeChat ids, card numbers and addresses in clear."""

_TITLE: Final = Text("客户", "Customers")
_COLUMNS: Final[Sequence[tuple[Text, int]]] = (
    (Text("客户编号", "Customer number"), 18),
    (Text("姓名", "Name"), 12),
    (Text("手机号", "Phone"), 14),
    (Text("微信号", "WeChat"), 18),
    (Text("身份证号", "ID card"), 20),
    (Text("客户状态", "Status"), 10),
    (Text("线索等级", "Level"), 10),
    (Text("跟进状态", "Follow-up"), 14),
    (Text("线索来源", "Source"), 12),
    (Text("需求品类", "Service"), 12),
    (Text("薪资预算（元/月）", "Budget (CNY a month)"), 16),
    (Text("期望上户日期", "Wanted from"), 12),
    (Text("预产期", "Due date"), 12),
    (Text("地址", "Address"), 30),
    (Text("成交金额（元）", "Deal (CNY)"), 14),
    (Text("负责人", "Owner"), 12),
    (Text("最后跟进", "Last follow-up"), 20),
    (Text("创建时间", "Created"), 20),
    (Text("备注", "Remarks"), 40),
)


class CustomerExport:
    def __init__(
        self, listing: CustomerList, staff: StaffDirectory, exports: RecordedExports, most_rows: int = MAX_ROWS
    ) -> None:
        self._listing = listing
        self._staff = staff
        self._exports = exports
        self._most_rows = most_rows

    async def workbook(self, wanted: CustomerFilter, language: Language, by: StaffAuthority, actor: Actor) -> Export:
        """A workbook of all matching customers, newest first. Numbers are masked unless `by` may export them.

        The audit row is written first. Raises ExportTooLarge, SearchTooBroad.
        """
        clear = by.may(CLEAR_NUMBERS)
        exported = ExportedList(
            kind=AUDIT_TARGET,
            title=_TITLE.in_language(language),
            columns=columns_in(language, _COLUMNS),
            rows=self._rows(wanted, language, clear),
            count=await self._listing.count(wanted, self._most_rows + 1),
        )
        query = wanted.model_dump(mode="json", by_alias=True, exclude={"scope"}, exclude_defaults=True)
        return await self._exports.export(exported, self._most_rows, query, language, actor, clear=clear)

    async def _rows(self, wanted: CustomerFilter, language: Language, clear: bool) -> AsyncIterator[Row]:
        names: dict[str, str] = {}
        async for customer in self._listing.stream(CustomerQuery(filter=wanted), self._most_rows):
            owner = customer.assigned_to
            if owner and owner not in names:
                names[owner] = (await self._staff.names([owner])).get(owner, "")
            yield _row(customer, names, language, clear)


def _row(customer: Customer, names: Mapping[str, str], language: Language, clear: bool) -> Row:
    status, deal = customer.follow_up_status, customer.deal_amount_fen
    return (
        customer.customer_id,
        customer.name,
        _shown(customer.phone, clear, mask_phone),
        _shown(customer.wechat_id, clear, mask_id),
        _shown(customer.id_card_number, clear, mask_id),
        STAGE_LABELS[customer.contract_status].in_language(language),
        LEVEL_LABELS[customer.lead_level].in_language(language),
        FOLLOW_UP_LABELS[status].in_language(language) if status else None,
        customer.lead_source,
        customer.service_category,
        customer.salary_budget,
        customer.expected_start_date,
        customer.expected_delivery_date,
        _shown(customer.address, clear, mask_home_address),
        None if deal is None else Decimal(deal) / 100,
        names.get(customer.assigned_to, ""),
        customer.last_follow_up_time,
        customer.created_at,
        _shown(customer.remarks, clear, mask_text),
    )


def _shown(value: str, clear: bool, mask: Callable[[str], str]) -> str:
    return value if clear or not value else mask(value)

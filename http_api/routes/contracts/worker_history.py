"""The workers that a customer has had, in order (换人历史)."""

from domain.contracts.worker_history import WorkerTenure
from domain.shared.business_day import Day
from domain.shared.model import Model
from domain.shared.money import YuanOutput
from http_api.core.request_context import RequestContext
from http_api.routes.contracts.common import contracts_of, scope
from http_api.routes.contracts.signer_answers import shown_phone


class TenureAnswer(Model):
    contract_id: str
    order: int
    contract_number: str
    worker_name: str
    worker_phone: str
    worker_salary: YuanOutput | None
    start_date: Day | None
    end_date: Day | None
    actual_end_date: Day | None
    service_days: int
    status: str
    termination_date: Day | None
    termination_reason: str | None
    esign_status: str | None
    is_latest: bool

    @classmethod
    def of(cls, tenure: WorkerTenure) -> "TenureAnswer":
        contract = tenure.contract
        return cls(
            contract_id=contract.id,
            order=tenure.order,
            contract_number=contract.contract_number,
            worker_name=contract.worker_name,
            worker_phone=shown_phone(contract.worker_phone),
            worker_salary=contract.worker_salary_fen,
            start_date=contract.start_date,
            end_date=contract.end_date,
            actual_end_date=tenure.actual_end_date,
            service_days=tenure.service_days,
            status="replaced" if tenure.is_replaced else "active",
            termination_date=tenure.actual_end_date if tenure.is_replaced else None,
            termination_reason="换人" if tenure.is_replaced else None,
            esign_status=contract.esign_status or None,
            is_latest=contract.is_latest,
        )


class WorkerHistory(Model):
    customer_phone: str
    customer_name: str
    total_contracts: int
    total_workers: int
    total_service_days: int
    current_contract: TenureAnswer | None
    latest_contract_id: str | None
    contracts: list[TenureAnswer]


async def worker_history(context: RequestContext, phone: str) -> WorkerHistory:
    tenures = await contracts_of(context).queries.worker_tenures(phone, scope(context))
    shown = [TenureAnswer.of(tenure) for tenure in tenures]
    current = next((tenure for tenure in reversed(shown) if tenure.status == "active"), None)
    return WorkerHistory(
        customer_phone=phone,
        customer_name=tenures[-1].contract.customer_name if tenures else "",
        total_contracts=len(shown),
        total_workers=len({tenure.worker_name for tenure in shown}),
        total_service_days=sum(tenure.service_days for tenure in shown),
        current_contract=current,
        latest_contract_id=shown[-1].contract_id if shown else None,
        contracts=shown,
    )

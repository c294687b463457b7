"""All use cases of customers, built together from the ports that they need."""

from dataclasses import dataclass

from domain.audit.recorded_exports import RecordedExports
from domain.customers.account_links import AccountLinks
from domain.customers.behaviour.lead_maker import LeadMaker
from domain.customers.behaviour.ports import BehaviourRepository, MiniAccounts
from domain.customers.behaviour.service import CustomerBehaviour
from domain.customers.catch_up import CatchUpRecords, CustomerCatchUp
from domain.customers.change_events import CustomerChangeEvents, PastChangeEvents
from domain.customers.contract_customers import ContractCustomers
from domain.customers.customer_by_phone import CustomerByPhone
from domain.customers.dictionaries.service import Dictionaries
from domain.customers.dictionaries.table import DictionaryTable
from domain.customers.export import CustomerExport
from domain.customers.follow_ups.reminders import FollowUpReminders
from domain.customers.follow_ups.service import FollowUps
from domain.customers.followers import ContractFollower
from domain.customers.new_customer import NewCustomers
from domain.customers.ownership.followers import HoldingFollower
from domain.customers.ownership.limits import USUAL_LIMITS, PoolLimits
from domain.customers.ownership.maintenance import HoldingMaintenance
from domain.customers.ownership.service import CustomerOwnership
from domain.customers.pool.service import CustomerPool
from domain.customers.ports import (
    ContractBook,
    ContractStandings,
    CustomerList,
    CustomerLogs,
    CustomerReportStore,
    CustomerRepository,
    DictionaryRepository,
    HoldingStore,
    StaffDirectory,
)
from domain.customers.queries import CustomerQueries
from domain.customers.records import CustomerRecords
from domain.customers.recycling.ports import PoolRuleRepository
from domain.customers.recycling.rules import PoolRuleTable
from domain.customers.recycling.service import Recycling
from domain.customers.reports.service import CustomerReports
from domain.customers.runs import RunLog
from domain.customers.sla.board import ResponseBoard
from domain.customers.sla.rule import ResponseRule
from domain.customers.sla.watch import ResponseWatch
from domain.customers.transfer.ports import TransferRecords, TransferRuleRepository
from domain.customers.transfer.rules import TransferRules
from domain.customers.transfer.runs import TransferRuns
from domain.customers.unit_of_work import CustomerUnitOfWork
from domain.customers.views.ports import SavedViewRepository
from domain.customers.views.service import SavedViews
from domain.shared.ports import Clock, DurableFollower, IdGenerator, RateLimiter
from domain.shared.spreadsheets import Spreadsheets


@dataclass(frozen=True, slots=True)
class CustomerPorts:
    repository: CustomerRepository
    listing: CustomerList
    dictionaries: DictionaryRepository
    holdings: HoldingStore
    logs: CustomerLogs
    reports: CustomerReportStore
    contracts: ContractStandings
    contract_book: ContractBook
    past: CatchUpRecords
    staff: StaffDirectory
    transfer_rules: TransferRuleRepository
    transfer_records: TransferRecords
    pool_rules: PoolRuleRepository
    views: SavedViewRepository
    spreadsheets: Spreadsheets
    runs: RunLog
    behaviour: BehaviourRepository
    accounts: MiniAccounts
    limiter: RateLimiter
    audit: DurableFollower
    response_rule: ResponseRule
    clock: Clock
    ids: IdGenerator
    limits: PoolLimits = USUAL_LIMITS


@dataclass(frozen=True, slots=True)
class CustomerServices:
    catch_up: CustomerCatchUp
    """Has `background`."""
    records: CustomerRecords
    queries: CustomerQueries
    ownership: CustomerOwnership
    pool: CustomerPool
    follow_ups: FollowUps
    follow_up_reminders: FollowUpReminders
    responses: ResponseBoard
    reports: CustomerReports
    response_watch: ResponseWatch
    behaviour: CustomerBehaviour
    lead_maker: LeadMaker
    """Follows `BehaviourReceived` durably."""
    account_links: AccountLinks
    """Follows mini-program users, and changes of customers, durably."""
    dictionaries: Dictionaries
    dictionary_table: DictionaryTable
    """Follows the event stream in every app process."""
    contract_follower: ContractFollower
    """Follows `ContractChanged` and `CustomerFollowUpDue` durably."""
    holding_follower: HoldingFollower
    """Follows `HoldingEnded` durably."""
    holding_maintenance: HoldingMaintenance
    pool_rules: PoolRuleTable
    """Follows the event stream in every app process."""
    recycling: Recycling
    transfer_rules: TransferRules
    transfer_runs: TransferRuns
    transfer_records: TransferRecords
    views: SavedViews
    export: CustomerExport


def customer_services(ports: CustomerPorts) -> CustomerServices:
    clock, ids = ports.clock, ports.ids
    customers = CustomerUnitOfWork(ports.repository, ports.holdings, CustomerChangeEvents(ids), clock, ids)
    table = DictionaryTable(ports.dictionaries)
    new_customers = NewCustomers(clock, ids)
    by_phone = CustomerByPhone(customers, new_customers)
    leads = LeadMaker(ports.behaviour, customers, by_phone, ports.accounts, ports.staff, ids)
    pool_rules = PoolRuleTable(ports.pool_rules, clock, ids)
    of_contracts = ContractCustomers(customers, by_phone, ports.contract_book)
    return CustomerServices(
        catch_up=_catch_up(ports, new_customers, leads),
        records=CustomerRecords(customers, table, ports.staff, new_customers),
        queries=CustomerQueries(customers, ports.listing, ports.logs, ports.staff, ports.audit, clock, ids),
        ownership=CustomerOwnership(customers, ports.staff),
        pool=CustomerPool(customers, ports.listing, ports.holdings, ports.logs, ports.staff, ports.limits, clock),
        follow_ups=FollowUps(customers, ports.listing, ports.logs, clock, ids),
        follow_up_reminders=FollowUpReminders(customers, ports.listing, clock, ids),
        reports=CustomerReports(ports.reports, clock),
        responses=ResponseBoard(ports.listing, ports.response_rule, clock),
        response_watch=ResponseWatch(customers, ports.listing, ports.response_rule, clock, ids),
        behaviour=CustomerBehaviour(ports.behaviour, table, ports.limiter, clock, ids),
        lead_maker=leads,
        account_links=AccountLinks(customers, ports.accounts, leads),
        dictionaries=Dictionaries(ports.dictionaries, table, ports.listing, clock, ids),
        dictionary_table=table,
        contract_follower=ContractFollower(customers, ports.contracts, of_contracts, clock),
        holding_follower=HoldingFollower(ports.holdings),
        holding_maintenance=HoldingMaintenance(customers, ports.listing, ports.holdings, clock),
        pool_rules=pool_rules,
        recycling=Recycling(pool_rules, ports.listing, customers, ports.runs, clock),
        transfer_rules=TransferRules(ports.transfer_rules, ports.staff, clock, ids),
        transfer_runs=TransferRuns(
            ports.transfer_rules,
            ports.listing,
            ports.transfer_records,
            customers,
            ports.staff,
            ports.runs,
            ports.audit,
            clock,
            ids,
        ),
        transfer_records=ports.transfer_records,
        views=SavedViews(ports.views, clock, ids),
        export=CustomerExport(ports.listing, ports.staff, RecordedExports(ports.spreadsheets, ports.audit, clock, ids)),
    )


def _catch_up(ports: CustomerPorts, new_customers: NewCustomers, leads: LeadMaker) -> CustomerCatchUp:
    """With a unit of work of its own, whose changes send no notifications or pushes."""
    clock, ids = ports.clock, ports.ids
    customers = CustomerUnitOfWork(ports.repository, ports.holdings, PastChangeEvents(ids), clock, ids)
    by_phone = CustomerByPhone(customers, new_customers)
    of_contracts = ContractCustomers(customers, by_phone, ports.contract_book, replaces_missing=True)
    follower = ContractFollower(customers, ports.contracts, of_contracts, clock)
    return CustomerCatchUp(ports.past, follower, AccountLinks(customers, ports.accounts, leads), clock)

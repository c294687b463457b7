"""The customers area: customers from lead to contract, their owners, the public pool, and the dictionaries."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.audit.model import AuditRecorded
from domain.contracts.customer_link import CustomerLink
from domain.contracts.events import ContractChanged, CustomerFollowUpDue
from domain.customers.behaviour.events import BehaviourReceived
from domain.customers.events import (
    CustomerAssigned,
    CustomerChanged,
    CustomerFollowedUp,
    CustomerPoolMoved,
    CustomerStageChanged,
    CustomerTransferred,
    HoldingEnded,
)
from domain.customers.notification_types import NOTIFICATIONS
from domain.customers.searcher import CustomerSearcher
from domain.customers.services import CustomerPorts, CustomerServices, customer_services
from domain.customers.sla.rule import ResponseRule
from domain.shared.working_time import WorkingCalendar
from domain.users.events import UserDeleted, UserPhoneVerified
from integrations.mongo.contracts.repository import MongoContractRepository
from integrations.mongo.customers.behaviour import MongoBehaviourRepository
from integrations.mongo.customers.catch_up import MongoCatchUpRecords
from integrations.mongo.customers.dictionaries import MongoDictionaryRepository
from integrations.mongo.customers.holdings import MongoHoldings
from integrations.mongo.customers.listing import MongoCustomerList
from integrations.mongo.customers.logs import MongoCustomerLogs
from integrations.mongo.customers.people import (
    MongoContractBook,
    MongoContractStandings,
    MongoCustomerStaff,
    MongoMiniAccounts,
)
from integrations.mongo.customers.pool_rules import MongoPoolRules
from integrations.mongo.customers.reports import MongoCustomerReports
from integrations.mongo.customers.repository import MongoCustomerRepository
from integrations.mongo.customers.runs import MongoRunLog
from integrations.mongo.customers.timeline import customer_sources
from integrations.mongo.customers.transfers import MongoTransferRecords, MongoTransferRules
from integrations.mongo.customers.views import MongoSavedViews
from integrations.settings.groups import OfficeSettings
from integrations.spreadsheets import XlsxSpreadsheets
from integrations.wiring.area import Area, followed_by
from integrations.wiring.infrastructure import Infrastructure
from integrations.wiring.staff import role_repository, staff_repository
from integrations.wiring.users import user_repository
from integrations.working_days import ChineseWorkingDays


def customer_repository(base: Infrastructure) -> MongoCustomerRepository:
    return MongoCustomerRepository(base.database, base.outbox, base.write_gate)


def response_rule(office: OfficeSettings) -> ResponseRule:
    calendar = WorkingCalendar(ChineseWorkingDays(), office.hours)
    return ResponseRule(calendar, timedelta(minutes=office.first_response_minutes))


def wire_customers(
    base: Infrastructure,
    contracts: MongoContractRepository,
    link: CustomerLink,
    office: OfficeSettings,
    **replaced: Any,
) -> Area[CustomerServices]:
    """`contracts`, `link`: those of the contracts area. `replaced` are ports that take the place of the usual ones."""
    repository = customer_repository(base)
    dictionaries = MongoDictionaryRepository(base.database, base.outbox)
    behaviour = MongoBehaviourRepository(base.database, base.outbox)
    logs = MongoCustomerLogs(base.database)
    rules, records = MongoTransferRules(base.database, base.outbox), MongoTransferRecords(base.database)
    pool_rules = MongoPoolRules(base.database, base.outbox)
    views = MongoSavedViews(base.database, base.outbox)
    ports = CustomerPorts(
        repository=repository,
        listing=MongoCustomerList(repository),
        dictionaries=dictionaries,
        holdings=MongoHoldings(base.database),
        logs=logs,
        reports=MongoCustomerReports(base.database),
        contracts=MongoContractStandings(contracts),
        contract_book=MongoContractBook(contracts, link),
        past=MongoCatchUpRecords(base.database, base.clock),
        staff=MongoCustomerStaff(staff_repository(base), role_repository(base)),
        pool_rules=pool_rules,
        views=views,
        spreadsheets=XlsxSpreadsheets(),
        transfer_rules=rules,
        transfer_records=records,
        runs=MongoRunLog(base.database),
        behaviour=behaviour,
        accounts=MongoMiniAccounts(user_repository(base)),
        limiter=base.limiter,
        audit=base.audit,
        response_rule=response_rule(office),
        clock=base.clock,
        ids=base.ids,
    )
    services = customer_services(replace(ports, **replaced))

    async def prepare() -> None:
        await repository.create_indexes()
        await dictionaries.create_indexes()
        await behaviour.create_indexes()
        await logs.create_indexes()
        await pool_rules.create_indexes()
        await views.create_indexes()
        await rules.create_indexes()
        await records.create_indexes()
        await services.dictionaries.seed()

    return Area(
        name="customers",
        services=services,
        repositories=(repository, dictionaries, pool_rules, rules, behaviour, views),
        projections=(services.dictionary_table, services.pool_rules),
        subscriptions={
            **followed_by(
                logs, CustomerAssigned, CustomerPoolMoved, CustomerStageChanged, CustomerFollowedUp, AuditRecorded
            ),
            CustomerTransferred: (records,),
            **followed_by(services.account_links, UserPhoneVerified, UserDeleted),
            CustomerChanged: (services.account_links, logs),
            BehaviourReceived: (services.lead_maker,),
            HoldingEnded: (services.holding_follower,),
            **followed_by(services.contract_follower, ContractChanged, CustomerFollowUpDue),
        },
        searcher=CustomerSearcher(ports.listing),
        timeline=customer_sources(base.database),
        notifications=NOTIFICATIONS,
        background=(
            *repository.search.background,
            *services.holding_maintenance.background,
            *services.catch_up.background,
            *services.follow_up_reminders.background,
            *services.recycling.background,
            *services.transfer_runs.background,
            *services.response_watch.background,
        ),
        create_indexes=prepare,
        close=repository.close,
    )

"""Builds all use cases of contracts from their ports."""

from dataclasses import dataclass

from domain.audit.recorded_exports import RecordedExports
from domain.contracts.board.board import ContractBoard
from domain.contracts.board.projection import BoardProjection
from domain.contracts.change_events import ContractChangeEvents
from domain.contracts.customer_link import CustomerLink
from domain.contracts.customer_self_service import CustomerContracts
from domain.contracts.deletion.reminders import DeletionReminders
from domain.contracts.deletion.service import ContractDeletion
from domain.contracts.drafting.party_checks import PartyChecks
from domain.contracts.drafting.service import ContractDrafting
from domain.contracts.drafting.template_catalogue import TemplateCatalogue
from domain.contracts.expiry import ExpiryReminders
from domain.contracts.export import ContractExport
from domain.contracts.followers import DeletionApprovalList, SuccessionFollower
from domain.contracts.inbox_messages import ContractInboxMessages
from domain.contracts.insurance_sync import InsuranceSync
from domain.contracts.milestones import ContractMilestones
from domain.contracts.ports import (
    CallbackStore,
    CallbackVerifier,
    ContractLookups,
    ContractRepository,
    DeletionApprovalStore,
    PartyRecords,
    SigningProvider,
    StaffDirectory,
    VerifiedPhones,
)
from domain.contracts.queries import ContractQueries
from domain.contracts.signing.callbacks import SigningCallbacks
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.contracts.signing.provider_sync import ProviderSync
from domain.contracts.signing.reconciler import Reconciler
from domain.contracts.signing.service import ContractSigning
from domain.contracts.signing.sign_links import SignLinks
from domain.contracts.training import TrainingOrders
from domain.contracts.unit_of_work import ContractUnitOfWork
from domain.shared.inbox import CustomerInbox
from domain.shared.ports import Clock, DurableFollower, IdGenerator
from domain.shared.spreadsheets import Spreadsheets
from domain.shared.working_time import WorkingDays


@dataclass(frozen=True, slots=True)
class ContractPorts:
    repository: ContractRepository
    lookups: ContractLookups
    approvals: DeletionApprovalStore
    parties: PartyRecords
    staff: StaffDirectory
    phones: VerifiedPhones
    inbox: CustomerInbox
    provider: SigningProvider
    verifier: CallbackVerifier
    callbacks: CallbackStore
    spreadsheets: Spreadsheets
    working_days: WorkingDays
    audit: DurableFollower
    clock: Clock
    ids: IdGenerator


@dataclass(frozen=True, slots=True)
class ContractServices:
    drafting: ContractDrafting
    signing: ContractSigning
    queries: ContractQueries
    export: ContractExport
    customers: CustomerContracts
    customer_link: CustomerLink
    milestones: ContractMilestones
    training: TrainingOrders
    deletion: ContractDeletion
    insurance: InsuranceSync
    templates: TemplateCatalogue
    provider: SigningProvider
    callbacks: SigningCallbacks
    projection: BoardProjection
    """Follows the event feed; has `background`."""
    succession: SuccessionFollower
    """Follows `ContractStatusChanged` durably."""
    inbox_messages: ContractInboxMessages
    """Follows `InboxMessageDue` durably."""
    deletion_approval_list: DeletionApprovalList
    """Follows `DeletionApprovalChanged` durably."""
    expiry: ExpiryReminders
    deletion_reminders: DeletionReminders
    """Both have `background`."""
    reconciler: Reconciler
    """Has `background`, and is closed at the end."""


def contract_services(ports: ContractPorts, schedule: PollingSchedule | None = None) -> ContractServices:
    schedule = schedule or PollingSchedule()
    board = ContractBoard()
    contracts = ContractUnitOfWork(ports.repository, ContractChangeEvents(ports.clock, ports.ids), board, ports.clock)
    projection = BoardProjection(board, ports.lookups)
    queries = ContractQueries(
        contracts, ports.repository, ports.lookups, projection, ports.staff, ports.audit, ports.clock, ports.ids
    )
    exports = RecordedExports(ports.spreadsheets, ports.audit, ports.clock, ports.ids)
    checks = PartyChecks(ports.parties)
    catalogue = TemplateCatalogue(ports.provider, ports.clock)
    sync = ProviderSync(contracts, ports.provider, schedule)
    links = SignLinks(ports.provider, sync)
    callbacks = SigningCallbacks(ports.verifier, ports.callbacks, ports.repository, sync, ports.clock, schedule)
    return ContractServices(
        drafting=ContractDrafting(
            contracts, ports.repository, ports.lookups, checks, ports.staff, ports.clock, ports.ids
        ),
        signing=ContractSigning(contracts, checks, catalogue, ports.provider, sync, links, schedule),
        queries=queries,
        export=ContractExport(queries, ports.repository, exports),
        customers=CustomerContracts(contracts, ports.lookups, links, ports.phones),
        customer_link=CustomerLink(contracts),
        milestones=ContractMilestones(contracts),
        training=TrainingOrders(contracts),
        deletion=ContractDeletion(contracts, ports.approvals, ports.ids),
        insurance=InsuranceSync(contracts),
        templates=catalogue,
        provider=ports.provider,
        callbacks=callbacks,
        projection=projection,
        succession=SuccessionFollower(contracts),
        inbox_messages=ContractInboxMessages(ports.repository, ports.inbox),
        deletion_approval_list=DeletionApprovalList(ports.approvals),
        expiry=ExpiryReminders(contracts, ports.lookups, ports.clock),
        deletion_reminders=DeletionReminders(contracts, ports.approvals, ports.working_days, ports.clock),
        reconciler=Reconciler(ports.lookups, ports.callbacks, callbacks, sync, ports.clock, schedule),
    )

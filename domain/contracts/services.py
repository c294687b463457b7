"""All use cases of contracts, built together from the ports that they need."""

from dataclasses import dataclass

from domain.contracts.board.board import ContractBoard
from domain.contracts.board.projection import BoardProjection
from domain.contracts.board.reading import ContractReading
from domain.contracts.change_events import ContractChangeEvents
from domain.contracts.customers import CustomerContracts
from domain.contracts.deletion.service import ContractDeleting
from domain.contracts.drafting.party_checks import PartyChecks
from domain.contracts.drafting.service import ContractDrafting
from domain.contracts.drafting.template_catalogue import TemplateCatalogue
from domain.contracts.expiry import ExpiryWatch
from domain.contracts.followers import ApprovalList, Succession
from domain.contracts.insurance import InsuranceSync
from domain.contracts.ports import (
    ApprovalBook,
    CallbackStore,
    CallbackVerifier,
    ContractLookups,
    ContractRepository,
    Parties,
    SigningProvider,
    StaffNames,
    VerifiedPhones,
)
from domain.contracts.signing.callbacks import SigningCallbacks
from domain.contracts.signing.jobs import SigningJobs
from domain.contracts.signing.polling_schedule import Pace
from domain.contracts.signing.reconciler import Reconciler
from domain.contracts.signing.service import ContractSigning
from domain.contracts.signing.sign_links import SignLinks
from domain.contracts.training import Training
from domain.contracts.unit_of_work import Contracts
from domain.shared.ports import Clock, DurableFollower, IdGenerator, Lease


@dataclass(frozen=True, slots=True)
class ContractPorts:
    repository: ContractRepository
    lookups: ContractLookups
    approvals: ApprovalBook
    parties: Parties
    staff: StaffNames
    phones: VerifiedPhones
    provider: SigningProvider
    verifier: CallbackVerifier
    callbacks: CallbackStore
    audit: DurableFollower
    lease: Lease
    clock: Clock
    ids: IdGenerator


@dataclass(frozen=True, slots=True)
class ContractServices:
    drafting: ContractDrafting
    signing: ContractSigning
    reading: ContractReading
    customers: CustomerContracts
    training: Training
    deleting: ContractDeleting
    insurance: InsuranceSync
    templates: TemplateCatalogue
    provider: SigningProvider
    callbacks: SigningCallbacks
    projection: BoardProjection
    """Follows the event feed; has `background`."""
    succession: Succession
    """Follows `ContractStatusChanged` durably."""
    approval_list: ApprovalList
    """Follows `ApprovalChanged` durably."""
    reconciler: Reconciler
    """Has `background`, and is closed at the end."""


def contract_services(ports: ContractPorts, pace: Pace | None = None) -> ContractServices:
    pace = pace or Pace()
    board = ContractBoard()
    contracts = Contracts(ports.repository, ContractChangeEvents(ports.clock, ports.ids), board, ports.clock)
    projection = BoardProjection(board, ports.lookups)
    checks = PartyChecks(ports.parties)
    catalogue = TemplateCatalogue(ports.provider, ports.clock)
    jobs = SigningJobs(contracts, ports.provider, pace)
    links = SignLinks(ports.provider, jobs)
    callbacks = SigningCallbacks(ports.verifier, ports.callbacks, ports.repository, jobs, ports.clock, pace)
    expiry = ExpiryWatch(contracts, ports.lookups, ports.clock)
    return ContractServices(
        drafting=ContractDrafting(
            contracts, ports.repository, ports.lookups, checks, ports.staff, ports.clock, ports.ids
        ),
        signing=ContractSigning(contracts, checks, catalogue, ports.provider, jobs, links, pace),
        reading=ContractReading(
            contracts, ports.repository, ports.lookups, projection, ports.staff, ports.audit, ports.clock, ports.ids
        ),
        customers=CustomerContracts(contracts, ports.lookups, links, ports.phones),
        training=Training(contracts),
        deleting=ContractDeleting(contracts, ports.approvals, ports.ids),
        insurance=InsuranceSync(contracts),
        templates=catalogue,
        provider=ports.provider,
        callbacks=callbacks,
        projection=projection,
        succession=Succession(contracts),
        approval_list=ApprovalList(ports.approvals),
        reconciler=Reconciler(ports.lookups, ports.callbacks, callbacks, jobs, expiry, ports.clock, pace),
    )

"""The contracts area: drafting, signing with the e-sign provider, the board, and what follows a contract."""

from dataclasses import dataclass

from domain.contracts.events import ContractStatusChanged, DeletionApprovalChanged, InboxMessageDue
from domain.contracts.notification_types import NOTIFICATIONS
from domain.contracts.ports import CallbackVerifier, SigningProvider
from domain.contracts.searcher import ContractSearcher
from domain.contracts.services import ContractPorts, ContractServices, contract_services
from domain.contracts.signing.polling_schedule import PollingSchedule
from domain.contracts.timeline import ContractTimeline
from integrations.esign.callbacks import EsignCallbacks
from integrations.esign.client import Agency, EsignClient, EsignUrls
from integrations.esign.http import EsignHttp, call_timeout
from integrations.esign.signatures import private_key, public_key
from integrations.mongo.contracts.deletion_approvals import MongoDeletionApprovals
from integrations.mongo.contracts.people import MongoPartyRecords, MongoStaffDirectory, MongoVerifiedPhones
from integrations.mongo.contracts.repository import MongoContractRepository
from integrations.mongo.contracts.signing_callbacks import MongoSigningCallbacks
from integrations.settings import EsignSettings, SettingsRefused
from integrations.settings.groups import revealed
from integrations.spreadsheets import XlsxSpreadsheets
from integrations.wiring.area import Area
from integrations.wiring.inbox import customer_inbox
from integrations.wiring.infrastructure import Infrastructure
from integrations.wiring.staff import role_repository, staff_repository
from integrations.wiring.users import user_repository
from integrations.working_days import ChineseWorkingDays


@dataclass(frozen=True)
class Signing:
    """The e-sign provider: its client, and the verifier of its callbacks."""

    provider: SigningProvider
    verifier: CallbackVerifier


@dataclass(frozen=True)
class ContractStores:
    contracts: MongoContractRepository
    approvals: MongoDeletionApprovals
    callbacks: MongoSigningCallbacks

    @classmethod
    def of(cls, base: Infrastructure) -> "ContractStores":
        database = base.database
        return cls(
            MongoContractRepository(database, base.outbox, base.write_gate),
            MongoDeletionApprovals(database),
            MongoSigningCallbacks(database),
        )

    async def create_indexes(self) -> None:
        """Raises Unavailable. Doing it again changes nothing."""
        await self.contracts.create_indexes()
        await self.approvals.create_indexes()
        await self.callbacks.create_indexes()


def signing_with_esign(base: Infrastructure, settings: EsignSettings) -> Signing:
    """Raises SettingsRefused when ESIGN_* is not set."""
    missing = [name for name, value in settings.required.items() if not value]
    if missing:
        raise SettingsRefused([f"{name}: 未设置 / not set" for name in missing])
    http = EsignHttp(
        base.http,
        settings.host,
        settings.app_id,
        private_key(revealed(settings.private_key)),
        base.clock,
        base.observe_provider("esign"),
        call_timeout(settings.timeout_seconds),
    )
    client = EsignClient(
        http,
        Agency(settings.company_name, settings.company_account, settings.seal_no),
        EsignUrls(settings.notify_url, settings.redirect_url),
        revealed(settings.account_key).encode(),
    )
    return Signing(client, EsignCallbacks(public_key(settings.public_key)))


def contract_ports(base: Infrastructure, stores: ContractStores, signing: Signing) -> ContractPorts:
    return ContractPorts(
        repository=stores.contracts,
        lookups=stores.contracts,
        approvals=stores.approvals,
        parties=MongoPartyRecords(base.database),
        staff=MongoStaffDirectory(staff_repository(base), role_repository(base)),
        phones=MongoVerifiedPhones(user_repository(base)),
        inbox=customer_inbox(base),
        provider=signing.provider,
        verifier=signing.verifier,
        callbacks=stores.callbacks,
        spreadsheets=XlsxSpreadsheets(),
        working_days=ChineseWorkingDays(),
        audit=base.audit,
        clock=base.clock,
        ids=base.ids,
    )


def wire_contracts(
    base: Infrastructure, settings: EsignSettings, schedule: PollingSchedule | None = None
) -> Area[ContractServices]:
    """Raises SettingsRefused when ESIGN_* is not set."""
    stores = ContractStores.of(base)
    ports = contract_ports(base, stores, signing_with_esign(base, settings))
    return contract_area(stores, contract_services(ports, schedule))


def contract_area(stores: ContractStores, services: ContractServices) -> Area[ContractServices]:
    async def close() -> None:
        await services.reconciler.close()
        await stores.contracts.close()

    return Area(
        name="contracts",
        services=services,
        repositories=(stores.contracts,),
        subscriptions={
            ContractStatusChanged: (services.succession,),
            DeletionApprovalChanged: (services.deletion_approval_list,),
            InboxMessageDue: (services.inbox_messages,),
        },
        projections=(services.projection,),
        notifications=NOTIFICATIONS,
        background=(
            *services.projection.background,
            *services.reconciler.background,
            *services.expiry.background,
            *services.deletion_reminders.background,
            *stores.contracts.search.background,
        ),
        searcher=ContractSearcher(services.queries),
        timeline=(ContractTimeline(services.queries),),
        create_indexes=stores.create_indexes,
        close=close,
    )

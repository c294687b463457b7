"""The adapters that contracts need, put together for the composition root."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import aiohttp
from motor.motor_asyncio import AsyncIOMotorDatabase
from pydantic import SecretStr

from domain.contracts.events import (
    ApprovalChanged,
    ContractStatusChanged,
    CustomerFollowUpDue,
    InboxMessageDue,
    InsuranceSyncDue,
    StaffNoticeDue,
    WorkerFollowUpDue,
)
from domain.contracts.ports import CallbackVerifier, SigningProvider
from domain.contracts.services import ContractPorts, ContractServices
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock, DurableFollower, IdSource, Lease
from integrations.esign.callbacks import EsignCallbacks
from integrations.esign.client import Addresses, Agency, EsignClient
from integrations.esign.http import EsignHttp, Observer, ignore
from integrations.esign.wire import private_key, public_key
from integrations.mongo.contract_people import MongoParties, MongoStaffNames, MongoVerifiedPhones
from integrations.mongo.contract_records import MongoApprovals, MongoCallbacks, MongoEffects
from integrations.mongo.contracts import MongoContracts
from integrations.mongo.outbox import OutboxRelay
from integrations.mongo.staff import MongoStaffRepository
from integrations.mongo.users import MongoUserRepository

EFFECTS = (StaffNoticeDue, InboxMessageDue, CustomerFollowUpDue, WorkerFollowUpDue, InsuranceSyncDue)

Followers = dict[type[DomainEvent], list[DurableFollower]]


@dataclass(frozen=True)
class EsignSettings:
    """ESIGN_*. All of them are needed; there are no defaults that would reach somebody's real account."""

    app_id: str
    host: str
    private_key: SecretStr
    """Ours, PEM or bare base64 of PKCS#8."""
    public_key: str
    """The provider's, for its callbacks."""
    notify_url: str
    """`https://<us>/api/esign/callback`, as the provider can reach it."""
    company_name: str
    company_account: str
    seal_no: str
    account_key: SecretStr
    """Makes accounts of card numbers; must never change (at least 32 characters)."""
    redirect_url: str = ""


def esign_provider(
    http: aiohttp.ClientSession, settings: EsignSettings, clock: Clock, observe: Observer = ignore
) -> tuple[SigningProvider, CallbackVerifier]:
    """Raises ValueError for keys that are none."""
    key = private_key(settings.private_key.get_secret_value())
    client = EsignClient(
        EsignHttp(http, settings.host, settings.app_id, key, clock, observe),
        Agency(settings.company_name, settings.company_account, settings.seal_no),
        Addresses(settings.notify_url, settings.redirect_url),
        settings.account_key.get_secret_value().encode(),
    )
    return client, EsignCallbacks(public_key(settings.public_key))


@dataclass(frozen=True)
class ContractStores:
    contracts: MongoContracts
    approvals: MongoApprovals
    callbacks: MongoCallbacks
    effects: MongoEffects

    @classmethod
    def of(cls, database: "AsyncIOMotorDatabase[dict[str, Any]]", relay: OutboxRelay) -> "ContractStores":
        """`relay` must know the collection `contracts`, or a dead worker's events stay where they are."""
        return cls(
            MongoContracts(database, relay), MongoApprovals(database), MongoCallbacks(database), MongoEffects(database)
        )

    async def create_indexes(self) -> None:
        """Raises Unavailable. Doing it again changes nothing."""
        await self.contracts.create_indexes()
        await self.approvals.create_indexes()
        await self.callbacks.create_indexes()
        await self.effects.create_indexes()

    def ports(
        self,
        database: "AsyncIOMotorDatabase[dict[str, Any]]",
        staff: MongoStaffRepository,
        users: MongoUserRepository,
        provider: tuple[SigningProvider, CallbackVerifier],
        audit: DurableFollower,
        lease: Lease,
        clock: Clock,
        ids: IdSource,
    ) -> ContractPorts:
        return ContractPorts(
            repository=self.contracts,
            lookups=self.contracts,
            approvals=self.approvals,
            parties=MongoParties(database),
            staff=MongoStaffNames(staff),
            phones=MongoVerifiedPhones(users),
            provider=provider[0],
            verifier=provider[1],
            callbacks=self.callbacks,
            audit=audit,
            lease=lease,
            clock=clock,
            ids=ids,
        )

    def follow(self, followers: Followers, services: ContractServices) -> None:
        """Enter who follows what. To be called before the relay runs."""
        _add(followers, (ContractStatusChanged,), services.succession)
        _add(followers, (ApprovalChanged,), services.approval_list)
        _add(followers, EFFECTS, self.effects)


def _add(followers: Followers, events: Iterable[type[DomainEvent]], follower: DurableFollower) -> None:
    for event in events:
        followers.setdefault(event, []).append(follower)

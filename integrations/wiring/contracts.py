"""The adapters that contracts need, put together for the composition root."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import aiohttp
from motor.motor_asyncio import AsyncIOMotorDatabase

from domain.contracts.events import ContractStatusChanged, DeletionApprovalChanged
from domain.contracts.ports import CallbackVerifier, SigningProvider
from domain.contracts.services import ContractPorts, ContractServices
from domain.shared.events import DomainEvent
from domain.shared.ports import Clock, DurableFollower, IdGenerator, Lease
from integrations.esign.callbacks import EsignCallbacks
from integrations.esign.client import Addresses, Agency, EsignClient
from integrations.esign.http import EsignHttp, patience
from integrations.esign.signatures import private_key, public_key
from integrations.mongo.contracts.people import MongoPartyRecords, MongoStaffDirectory, MongoVerifiedPhones
from integrations.mongo.contracts.records import MongoDeletionApprovals, MongoSigningCallbacks
from integrations.mongo.contracts.repository import MongoContractRepository
from integrations.mongo.outbox import Outbox
from integrations.mongo.staff import MongoStaffRepository
from integrations.mongo.users.users import MongoUserRepository
from integrations.provider_http import Observer, no_observer
from integrations.settings import Settings

Followers = dict[type[DomainEvent], list[DurableFollower]]


@dataclass(frozen=True)
class Signing:
    """爱签: what we ask of it, and how we know that it is the one who tells us something."""

    provider: SigningProvider
    verifier: CallbackVerifier


def signing_with_esign(
    http: aiohttp.ClientSession, settings: Settings, clock: Clock, observe: Observer = no_observer
) -> Signing | None:
    """None when ESIGN_* is not set: the first process brings a simulator for workers; other commands do not sign."""
    if settings.esign_private_key is None or settings.esign_account_key is None:
        return None
    key = private_key(settings.esign_private_key.get_secret_value())
    client = EsignClient(
        EsignHttp(
            http,
            settings.esign_host,
            settings.esign_app_id,
            key,
            clock,
            observe,
            patience(settings.esign_timeout_seconds),
        ),
        Agency(settings.esign_company_name, settings.esign_company_account, settings.esign_seal_no),
        Addresses(settings.esign_notify_url, settings.esign_redirect_url),
        settings.esign_account_key.get_secret_value().encode(),
    )
    return Signing(client, EsignCallbacks(public_key(settings.esign_public_key)))


@dataclass(frozen=True)
class ContractStores:
    contracts: MongoContractRepository
    approvals: MongoDeletionApprovals
    callbacks: MongoSigningCallbacks

    @classmethod
    def of(cls, database: "AsyncIOMotorDatabase[dict[str, Any]]", outbox: Outbox) -> "ContractStores":
        return cls(
            MongoContractRepository(database, outbox), MongoDeletionApprovals(database), MongoSigningCallbacks(database)
        )

    async def create_indexes(self) -> None:
        """Raises Unavailable. Doing it again changes nothing."""
        await self.contracts.create_indexes()
        await self.approvals.create_indexes()
        await self.callbacks.create_indexes()

    def ports(
        self,
        database: "AsyncIOMotorDatabase[dict[str, Any]]",
        staff: MongoStaffRepository,
        users: MongoUserRepository,
        signing: Signing,
        audit: DurableFollower,
        lease: Lease,
        clock: Clock,
        ids: IdGenerator,
    ) -> ContractPorts:
        return ContractPorts(
            repository=self.contracts,
            lookups=self.contracts,
            approvals=self.approvals,
            parties=MongoPartyRecords(database),
            staff=MongoStaffDirectory(staff),
            phones=MongoVerifiedPhones(users),
            provider=signing.provider,
            verifier=signing.verifier,
            callbacks=self.callbacks,
            audit=audit,
            lease=lease,
            clock=clock,
            ids=ids,
        )

    def follow(self, followers: Followers, services: ContractServices) -> None:
        """Enter who follows what. To be called before the relay runs."""
        _add(followers, (ContractStatusChanged,), services.succession)
        _add(followers, (DeletionApprovalChanged,), services.deletion_approval_list)


def _add(followers: Followers, events: Iterable[type[DomainEvent]], follower: DurableFollower) -> None:
    for event in events:
        followers.setdefault(event, []).append(follower)

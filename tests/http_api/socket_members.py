"""Members of staff, one of each role, with a connection that is in every namespace that they may enter."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from domain.interviews.record.model import HOST, MANAGE, VIEW
from domain.shared.authority import Role, permits
from domain.staff.permissions import ROLE_PERMISSIONS
from realtime.namespaces.interview.namespace import InterviewNamespace
from realtime.namespaces.registry import NAMESPACES
from realtime.namespaces.staff import StaffNamespace
from tests.contract_api import ContractApi
from tests.realtime.multiplexed_client import MultiplexedClient, multiplexed_client

CLERK: Final = "clerk"
"""A custom role that grants nothing."""
ROLES: Final = (*(role.value for role in Role), CLERK)
NAMES: Final = tuple(each.name for each in NAMESPACES)
INTERVIEW: Final = InterviewNamespace.name
ROOM: Final = "room_of_the_matrix"


@dataclass
class Member:
    role: str
    id: str
    token: str
    socket: MultiplexedClient

    def may(self, *any_of: str) -> bool:
        granted = frozenset() if self.role == CLERK else ROLE_PERMISSIONS[Role(self.role)]
        return any(permits(granted, each) for each in any_of)

    def enters(self, namespace: type[Any]) -> bool:
        if not issubclass(namespace, StaffNamespace):
            return self.may(VIEW, HOST, MANAGE)
        return not namespace.permission or self.may(namespace.permission)


@asynccontextmanager
async def one_of_each_role(api: ContractApi) -> AsyncIterator[list[Member]]:
    async with AsyncExitStack() as stack:
        members = []
        for role in ROLES:
            member_id, token = await api.stores.hired(role)
            socket = await stack.enter_async_context(multiplexed_client(api.http, api.url, token))
            await socket.enter(*NAMES)
            members.append(Member(role, member_id, token, socket))
        yield members


async def open_room(api: ContractApi, member: Member, room_id: str) -> str:
    answer = await api.call("POST", "/api/interview/rooms", {"roomId": room_id}, member.token)
    assert answer.status == 201, answer.body
    return room_id

"""Files of mini-program users: who may see and change them, and the picture (头像) of an account."""

from datetime import datetime

from domain.shared.actor import Actor
from domain.shared.reader import Reader
from domain.users.model import User
from domain.users.ports import UserRepository
from domain.users.unit_of_work import UserUnitOfWork

AREA = "users"


class UserPictures:
    """Implements `FileAccess` and `AvatarAccounts` of the files area."""

    def __init__(self, users: UserRepository, unit_of_work: UserUnitOfWork) -> None:
        self._users = users
        self._unit_of_work = unit_of_work

    async def may_see(self, reader: Reader, record_id: str, kind: str) -> bool:
        return _is_self(reader, record_id) or reader.may("miniprogram-user:view")

    async def may_change(self, reader: Reader, record_id: str, kind: str) -> bool:
        if not (_is_self(reader, record_id) or reader.may("miniprogram-user:edit")):
            return False
        user = await self._users.find(record_id)
        return user is not None and not user.is_gone

    async def set_avatar(self, account_id: str, url: str, actor: Actor) -> str:
        """In both fields: lists show `avatarFile` first, older pages of the mini-program only `avatar`."""
        fields = {"avatar": url, "avatar_file": url}
        former = ""

        def change(user: User, now: datetime) -> User:
            nonlocal former
            former = user.avatar_file or user.avatar
            return user.with_profile(fields)

        await self._unit_of_work.change(account_id, change, actor)
        return former


def _is_self(reader: Reader, record_id: str) -> bool:
    return reader.kind == "user" and reader.id == record_id

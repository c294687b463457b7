"""Files of staff accounts: who may see and change them, and the picture (头像) of an account."""

from domain.audit.model import audit_of
from domain.shared.actor import Actor
from domain.shared.errors import NotFound
from domain.shared.ports import Clock, IdGenerator
from domain.shared.reader import Reader
from domain.shared.retry import retry_on_conflict
from domain.staff.ports import StaffRepository

AREA = "staff"
_AVATAR = "avatar"


class StaffPictures:
    """Implements `FileAccess` and `AvatarAccounts` of the files area."""

    def __init__(self, staff: StaffRepository, clock: Clock, ids: IdGenerator) -> None:
        self._staff = staff
        self._clock = clock
        self._ids = ids

    async def may_see(self, reader: Reader, record_id: str, kind: str) -> bool:
        """The picture: every signed-in reader, because customers see who advises them. Others: those who may edit."""
        return kind == _AVATAR or _may_edit(reader, record_id)

    async def may_change(self, reader: Reader, record_id: str, kind: str) -> bool:
        return _may_edit(reader, record_id) and await self._staff.find(record_id) is not None

    async def set_avatar(self, account_id: str, url: str, actor: Actor) -> str:
        async def once() -> str:
            staff = await self._staff.find(account_id)
            if staff is None:
                raise NotFound
            if staff.avatar == url:
                return url
            now = self._clock.now()
            changed = staff.with_avatar(url, now)
            target = ("staff", staff.id)
            row = audit_of(self._ids.next_id(), now, actor, target, {"avatar": staff.avatar}, {"avatar": url})
            await self._staff.save(changed, [row])
            return staff.avatar

        return await retry_on_conflict(once)


def _may_edit(reader: Reader, record_id: str) -> bool:
    return reader.kind == "staff" and (reader.id == record_id or reader.may("user:edit"))

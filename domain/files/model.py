"""A file (文件): a record of its own, which belongs to a record of some area."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field

from domain.files.formats import FileFormat
from domain.files.kinds import KINDS, FileKind
from domain.files.limits import UPLOAD_LIFETIME
from domain.files.parts import UploadPlan
from domain.shared.actor import ActorRef
from domain.shared.entity import Entity
from domain.shared.model import Instant, Model
from domain.shared.plain_text import cleaned_line

FileState = Literal["uploading", "stored", "deleted"]
Variant = Literal["original", "small", "medium", "large", "sent"]
"""`sent`: what a client sent by a form. It is never shown: the form can be used again after a check of its content."""

DRAFT_AREA: Final = "draft"
"""Files that no record has yet: they belong to the person who uploaded them."""
FileName = Annotated[str, cleaned_line(120)]


class RecordRef(Model):
    """The record that a file belongs to, and what the file is in it."""

    area: str
    record_id: str
    kind: str

    @property
    def rules(self) -> FileKind:
        return KINDS[self.kind]


class StoredObject(Model):
    """An object in the storage: the file itself, or a thumbnail."""

    key: str
    size: int
    width: int | None = None
    height: int | None = None


class FileRecord(Entity):
    owner: RecordRef
    state: FileState
    name: FileName = ""
    format: FileFormat | None = None
    """None until the content is complete."""
    sha256: str = ""
    """Of the content as it was sent."""
    plays_everywhere: bool = True
    """False for a video that some browsers do not play: videos are kept as they are."""
    upload: UploadPlan | None = None
    """While it comes in parts."""
    objects: dict[Variant, StoredObject] = Field(default_factory=dict)
    created_by: ActorRef
    created_at: Instant
    due_at: Instant | None = None
    """When the sweep looks at it next."""

    @classmethod
    def begun(cls, file_id: str, owner: RecordRef, name: str, created_by: ActorRef, now: datetime) -> Self:
        return cls(
            id=file_id,
            owner=owner,
            state="uploading",
            name=name,
            created_by=created_by,
            created_at=now,
            due_at=now + UPLOAD_LIFETIME,
        )

    def key_of(self, variant: Variant) -> str:
        """Where the storage has a variant: never made from a name that a client sent."""
        return f"{self.owner.area}/{self.created_at:%Y/%m}/{self.id}/{variant}"

    @property
    def size(self) -> int:
        shown = self.object_for("original") or self.objects.get("sent")
        return shown.size if shown else 0

    @property
    def shown_name(self) -> str:
        """The name with the extension of the content, whatever it was before."""
        stem = self.name.rsplit(".", 1)[0].strip(". ") or self.owner.kind
        return f"{stem}.{self.format.extension}" if self.format else stem

    def object_for(self, variant: Variant) -> StoredObject | None:
        """The variant, or the file itself where there is none."""
        return self.objects.get(variant) or self.objects.get("original")

    @property
    def arriving(self) -> StoredObject:
        """Where the content of an upload arrives."""
        return self.objects.get("sent") or self.objects["original"]

    def with_objects(self, objects: dict[Variant, StoredObject]) -> Self:
        """About to be written: the sweep finds them by the record if the process dies meanwhile."""
        return self._with(objects=objects)

    def planned(self, plan: UploadPlan) -> Self:
        return self._with(upload=plan)

    def stored(self, found: FileFormat, sha256: str, due_at: datetime | None, *, plays_everywhere: bool = True) -> Self:
        sent = {"sent": self.objects["sent"].model_copy(update={"size": 0})} if "sent" in self.objects else {}
        return self._with(
            state="stored",
            objects={**self.objects, **sent},
            format=found,
            sha256=sha256,
            due_at=due_at,
            upload=None,
            plays_everywhere=plays_everywhere,
        )

    def deleted(self, now: datetime) -> Self:
        """Nobody sees it from now on; its objects are removed by the sweep."""
        return self._with(state="deleted", due_at=now)

    def purged(self) -> Self:
        """Nothing is left but the fact that there was a file."""
        return self._with(state="deleted", due_at=None, objects={}, name="", sha256="", upload=None)

    def attached(self, owner: RecordRef) -> Self:
        """Belongs to a record from now on, and stays until that record gives it up."""
        return self._with(owner=owner, due_at=None)

    def snapshot(self) -> dict[str, Any]:
        """What an audit row shows."""
        return {"state": self.state, "kind": self.owner.kind, "record": f"{self.owner.area}/{self.owner.record_id}"}

    def _with(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)

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
"""`sent`: the object that a client sent by a form. It is never shown, because the client can use the form again after
the content was checked."""

DRAFT_AREA: Final = "draft"
"""The area of files without a record; they belong to the person who uploaded them."""
FileName = Annotated[str, cleaned_line(120)]


class RecordRef(Model):
    """The record that a file belongs to, and the kind of the file in it."""

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


class Conversion(Model):
    """The conversion of a video that some browsers do not play."""

    state: Literal["waiting", "replaced", "failed"] = "waiting"
    """`replaced`: the converted video is shown, but the original has not been removed yet."""
    attempts: int = 0


class FileRecord(Entity):
    owner: RecordRef
    state: FileState
    name: FileName = ""
    format: FileFormat | None = None
    """None until the content is complete."""
    sha256: str = ""
    """Of the content as it was sent."""
    plays_everywhere: bool = True
    """False for a video that some browsers do not play."""
    conversion: Conversion | None = None
    """None also where nothing converts videos, and once the original is gone."""
    upload: UploadPlan | None = None
    """Set while the file arrives in parts."""
    objects: dict[Variant, StoredObject] = Field(default_factory=dict)
    created_by: ActorRef
    created_at: Instant
    due_at: Instant | None = None
    """The time from which the sweep removes the file."""

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
        """The storage key of a variant, which never contains a name that a client sent."""
        known = next(iter(self.objects.values()), None)
        if known is not None:  # the owner may have changed since then
            return f"{known.key.rpartition('/')[0]}/{variant}"
        return f"{self.owner.area}/{self.created_at:%Y/%m}/{self.id}/{variant}"

    @property
    def converted_key(self) -> str:
        return self.key_of("original").removesuffix("original") + "converted"

    @property
    def keys(self) -> frozenset[str]:
        """The keys of all objects that the storage may have of the file."""
        converting = {self.key_of("original"), self.converted_key} if self.conversion else set[str]()
        return frozenset({each.key for each in self.objects.values()} | converting)

    @property
    def is_replaced(self) -> bool:
        return self.conversion is not None and self.conversion.state == "replaced"

    @property
    def size(self) -> int:
        shown = self.object_for("original") or self.objects.get("sent")
        return shown.size if shown else 0

    @property
    def shown_name(self) -> str:
        """The name with the extension of the content's format in place of its own."""
        stem = self.name.rsplit(".", 1)[0].strip(". ") or self.owner.kind
        return f"{stem}.{self.format.extension}" if self.format else stem

    def object_for(self, variant: Variant) -> StoredObject | None:
        """The variant, or the file itself where there is none."""
        return self.objects.get(variant) or self.objects.get("original")

    @property
    def arriving(self) -> StoredObject:
        """The object that receives the content of an upload."""
        return self.objects.get("sent") or self.objects["original"]

    def with_objects(self, objects: dict[Variant, StoredObject]) -> Self:
        """Names objects before they are written, so that the sweep finds them if the process dies meanwhile."""
        return self._with(objects=objects)

    def planned(self, plan: UploadPlan) -> Self:
        return self._with(upload=plan)

    def stored(
        self,
        found: FileFormat,
        sha256: str,
        due_at: datetime | None,
        *,
        plays_everywhere: bool = True,
        converts: bool = False,
    ) -> Self:
        """`converts`: a video that does not play everywhere waits for its conversion."""
        sent = {"sent": self.objects["sent"].model_copy(update={"size": 0})} if "sent" in self.objects else {}
        return self._with(
            state="stored",
            objects={**self.objects, **sent},
            format=found,
            sha256=sha256,
            due_at=due_at,
            upload=None,
            plays_everywhere=plays_everywhere,
            conversion=Conversion() if converts and not plays_everywhere else None,
        )

    def conversion_begun(self) -> Self:
        attempts = self.conversion.attempts if self.conversion else 0
        return self._with(conversion=Conversion(attempts=attempts + 1))

    def converted(self, size: int) -> Self:
        """The converted video takes the place of the original, under the same address."""
        return self._with(
            format=FileFormat.MP4,
            plays_everywhere=True,
            objects={**self.objects, "original": StoredObject(key=self.converted_key, size=size)},
            conversion=Conversion(state="replaced"),
        )

    def conversion_failed(self) -> Self:
        """The file keeps its original."""
        return self._with(conversion=Conversion(state="failed"))

    def conversion_ended(self) -> Self:
        """The original has been removed."""
        return self._with(conversion=None)

    def deleted(self, now: datetime) -> Self:
        """The file is hidden from now on; the sweep removes its objects."""
        return self._with(state="deleted", due_at=now)

    def purged(self) -> Self:
        """Only the fact that there was a file is left."""
        return self._with(state="deleted", due_at=None, objects={}, name="", sha256="", upload=None, conversion=None)

    def attached(self, owner: RecordRef) -> Self:
        """The file belongs to a record from now on, and no longer expires."""
        return self._with(owner=owner, due_at=None)

    def snapshot(self) -> dict[str, Any]:
        """The fields of the file that an audit row shows."""
        return {"state": self.state, "kind": self.owner.kind, "record": f"{self.owner.area}/{self.owner.record_id}"}

    def _with(self, **changes: Any) -> Self:
        return self.model_copy(update=changes)

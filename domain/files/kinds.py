"""The kinds of files that a record may have, and what is allowed for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from domain.files.formats import IMAGES, TABLES, VIDEOS, FileFormat

SizeClass = Literal["image", "file", "video"]


@dataclass(frozen=True)
class FileKind:
    formats: frozenset[FileFormat]
    max_in_record: int = 30
    is_private: bool = False
    """Shows a document or a state of health: its links live half as long."""

    def size_class(self, found: FileFormat) -> SizeClass:
        if found.is_image:
            return "image"
        return "video" if found.is_video else "file"


_PHOTO: Final = FileKind(IMAGES)
_PAPER: Final = FileKind(IMAGES | {FileFormat.PDF}, is_private=True)
AVATAR: Final = "avatar"

KINDS: Final[Mapping[str, FileKind]] = {
    AVATAR: FileKind(IMAGES, max_in_record=4),
    "idCardFront": FileKind(IMAGES, max_in_record=4, is_private=True),
    "idCardBack": FileKind(IMAGES, max_in_record=4, is_private=True),
    "personalPhoto": _PHOTO,
    "uniformPhoto": _PHOTO,
    "certificate": _PAPER,
    "report": FileKind(_PAPER.formats, max_in_record=10, is_private=True),
    "medicalReport": FileKind(_PAPER.formats, max_in_record=10, is_private=True),
    "confinementMealPhoto": _PHOTO,
    "cookingPhoto": _PHOTO,
    "complementaryFoodPhoto": _PHOTO,
    "positiveReviewPhoto": _PHOTO,
    "workExperiencePhoto": _PHOTO,
    "banner": _PHOTO,
    "article": FileKind(IMAGES | {FileFormat.PDF}),
    "import": FileKind(TABLES, is_private=True),
    "selfIntroductionVideo": FileKind(VIDEOS, max_in_record=3),
}
"""By the `type` of the former system's uploads; `uniformPhoto` and `import` are ours."""

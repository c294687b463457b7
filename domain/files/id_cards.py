"""Recognition of identity cards (身份证识别): a person confirms the result. Nothing of it is stored or logged."""

import asyncio
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Final, Protocol

from domain.files.content import require_one_of
from domain.files.formats import IMAGES
from domain.files.id_card_errors import CardPictureTooSmall, RecognitionQuotaUsed
from domain.files.ports import ImageProcessing, ProcessedImage, ReceivedFile
from domain.shared.business_day import business_day
from domain.shared.errors import RateLimited
from domain.shared.id_card import check_id_card
from domain.shared.model import Model
from domain.shared.ports import Clock, RateLimiter
from domain.shared.text import Text

MAX_BYTES: Final = 5 * 1024 * 1024
"""Of the picture that is sent to the provider; Base64 makes it a third larger."""
SHORTEST_SIDE: Final = 300
_DAY_SECONDS: Final = 24 * 3600


class CardSide(StrEnum):
    FRONT = "front"
    BACK = "back"


class CardWarning(StrEnum):
    EXPIRED = "EXPIRED"
    BORDER = "BORDER"
    COPY = "COPY"
    RESHOT = "RESHOT"
    TEMPORARY = "TEMPORARY"
    OCCLUDED = "OCCLUDED"
    RETOUCHED = "RETOUCHED"
    REFLECTION = "REFLECTION"
    ELECTRONIC = "ELECTRONIC"
    CHECK_DIGIT = "CHECK_DIGIT"
    INCONSISTENT = "INCONSISTENT"


WARNING_TEXTS: Final[Mapping[CardWarning, Text]] = {
    CardWarning.EXPIRED: Text("证件已过有效期", "The card has expired"),
    CardWarning.BORDER: Text("证件边框不完整", "The card's border is incomplete"),
    CardWarning.COPY: Text("疑似复印件", "This seems to be a copy"),
    CardWarning.RESHOT: Text("疑似翻拍屏幕", "This seems to be a photo of a screen"),
    CardWarning.TEMPORARY: Text("临时身份证", "A temporary card"),
    CardWarning.OCCLUDED: Text("证件有遮挡", "Something covers the card"),
    CardWarning.RETOUCHED: Text("疑似经过修改", "The picture seems to be retouched"),
    CardWarning.REFLECTION: Text("证件反光", "The card reflects light"),
    CardWarning.ELECTRONIC: Text("电子证件", "An electronic card"),
    CardWarning.CHECK_DIGIT: Text("号码校验位不正确，请手工填写", "The number's check digit is wrong: type it"),
    CardWarning.INCONSISTENT: Text("号码与出生日期或性别不一致", "The number does not fit the date of birth or sex"),
}


class CardReading(Model):
    """The printed values of a card. A value is empty if it is on the other side, or cannot be read."""

    name: str = ""
    sex: str = ""
    nation: str = ""
    birth: str = ""
    """As printed: `2000/1/1`."""
    address: str = ""
    id_number: str = ""
    authority: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    """None also for a card without an end (长期)."""
    is_long_term: bool = False
    warnings: tuple[CardWarning, ...] = ()


class CardReader(Protocol):
    async def read(self, picture: bytes, side: CardSide | None) -> CardReading:
        """`side` None: the provider detects the side.

        Raises CardNotRead, FileDamaged, RecognitionBusy, RecognitionUnavailable, UpstreamFailed, UpstreamTimedOut.
        """


class IdCardRecognition:
    def __init__(
        self, reader: CardReader, images: ImageProcessing, limiter: RateLimiter, daily_limit: int, clock: Clock
    ) -> None:
        self._reader = reader
        self._images = images
        self._limiter = limiter
        self._daily_limit = daily_limit
        self._clock = clock

    async def read(self, received: ReceivedFile, side: CardSide | None, staff_id: str) -> CardReading:
        """Raises FileFormatRefused, FileMissing, CardPictureTooSmall, RecognitionQuotaUsed, as `CardReader` does."""
        claimed = require_one_of(IMAGES, received.head, received.size)
        image = await self._images.process(received.path, claimed, received.directory)
        if min(image.width, image.height) < SHORTEST_SIDE:
            raise CardPictureTooSmall
        picture = await asyncio.to_thread(_not_too_large(image).path.read_bytes)
        try:
            await self._limiter.hit(f"ocr:{staff_id}", self._daily_limit, _DAY_SECONDS)
        except RateLimited as limited:
            raise RecognitionQuotaUsed(limited.retry_after_seconds) from None
        return checked(await self._reader.read(picture, side), business_day(self._clock.now()))


def checked(card: CardReading, today: date) -> CardReading:
    """The reading with its warnings; a number with a wrong check digit is left out."""
    warnings = set(card.warnings)
    number = card.id_number
    if number:
        try:
            number = check_id_card(number)
        except ValueError:
            number = ""
            warnings.add(CardWarning.CHECK_DIGIT)
        else:
            if not _fits(number, card):
                warnings.add(CardWarning.INCONSISTENT)
    if card.valid_to is not None and card.valid_to < today:
        warnings.add(CardWarning.EXPIRED)
    return card.model_copy(update={"id_number": number, "warnings": tuple(sorted(warnings))})


def _fits(number: str, card: CardReading) -> bool:
    born = "".join(part.zfill(2) for part in card.birth.replace("-", "/").split("/"))
    male = int(number[16]) % 2 == 1
    return born in ("", number[6:14]) and card.sex in ("", "男" if male else "女")


def _not_too_large(image: ProcessedImage) -> ProcessedImage:
    return image if image.size <= MAX_BYTES or "large" not in image.thumbnails else image.thumbnails["large"]

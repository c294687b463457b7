"""The route that reads identity cards, with the path and the answer of the former system."""

from typing import Annotated, Final

from pydantic import Field

from domain.files.id_card_errors import (
    CardBlurred,
    CardImplausible,
    CardNotRead,
    CardPictureTooSmall,
    CardTooSmall,
    NoCard,
    RecognitionBusy,
    RecognitionQuotaUsed,
    RecognitionUnavailable,
    SeveralCards,
    WrongCardSide,
)
from domain.files.id_cards import WARNING_TEXTS, CardReading, CardSide, CardWarning
from domain.shared.business_day import Day
from domain.shared.errors import UpstreamFailed, UpstreamTimedOut
from domain.shared.model import Model
from domain.shared.text import Language, Text
from http_api.core.access import Staff
from http_api.core.endpoint import Endpoints, RequestContext
from http_api.core.rate_limits import RateLimit
from http_api.core.route_constants import STAFF_ERRORS
from http_api.core.upload import BadForm, Upload, received_form
from http_api.routes.files.answers import PICTURE_ERRORS

endpoints = Endpoints("/api/ocr", tag=Text("证件识别", "Recognition of documents"))

READING: Final = (
    *(CardNotRead, CardBlurred, NoCard, SeveralCards, CardImplausible, WrongCardSide, CardTooSmall),
    *(RecognitionBusy, RecognitionUnavailable, RecognitionQuotaUsed, UpstreamFailed, UpstreamTimedOut),
)


class SideFields(Model):
    side: CardSide | None = None
    """Without it the provider sees which side it is; with it, the other side is refused."""


CARD: Final = Upload("file", SideFields)


class Words(Model):
    words: str


class WarningAnswer(Model):
    code: CardWarning
    message: str


class CardAnswer(Model):
    name: str | None
    sex: str | None
    nation: str | None
    birth: str | None
    address: str | None
    id_number: str | None
    """Null if its check digit is wrong."""
    authority: str | None
    valid_from: Day | None
    valid_to: Day | None
    long_term: bool


class RecognitionAnswer(Model):
    """`words_result` and `risk_info` are the fields of the former system; `card` has the same with names of ours."""

    words_result: Annotated[dict[str, Words], Field(alias="words_result")]
    risk_info: Annotated[list[WarningAnswer], Field(alias="risk_info")]
    card: CardAnswer
    warnings: list[WarningAnswer]

    @classmethod
    def of(cls, card: CardReading, language: Language) -> "RecognitionAnswer":
        warnings = [
            WarningAnswer(code=each, message=WARNING_TEXTS[each].in_language(language)) for each in card.warnings
        ]
        texts = ("name", "sex", "nation", "birth", "address", "id_number", "authority")
        shown = CardAnswer(
            **{field: getattr(card, field) or None for field in texts},
            valid_from=card.valid_from,
            valid_to=card.valid_to,
            long_term=card.is_long_term,
        )
        words = {label: Words(words=text) for label, text in _labelled(card).items() if text}
        return cls(words_result=words, risk_info=warnings, card=shown, warnings=warnings)


def _labelled(card: CardReading) -> dict[str, str]:
    return {
        "姓名": card.name,
        "性别": card.sex,
        "民族": card.nation,
        "出生": card.birth,
        "住址": card.address,
        "公民身份号码": card.id_number,
        "签发机关": card.authority,
        "签发日期": f"{card.valid_from:%Y%m%d}" if card.valid_from else "",
        "失效日期": "长期" if card.is_long_term else f"{card.valid_to:%Y%m%d}" if card.valid_to else "",
    }


@endpoints.post(
    "/idcard",
    access=Staff(),
    rate_limit=RateLimit.WRITE,
    audit="ocr.idcard",
    message=Text("识别成功", "Read"),
    raises=(*STAFF_ERRORS, BadForm, *PICTURE_ERRORS, CardPictureTooSmall, *READING),
    upload=CARD,
)
async def read_id_card(context: RequestContext) -> RecognitionAnswer:
    """识别身份证；结果须由人核对，图片不保存 · read an identity card; a person must check the result"""
    files = context.services.files
    async with received_form(context.request, files.spool, CARD, files.limits.image_bytes) as form:
        card = await files.id_cards.read(form.file, form.fields.side, context.staff.id)
    return RecognitionAnswer.of(card, context.language)

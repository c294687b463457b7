"""Reads identity cards with Tencent's IDCardOCR."""

import base64
import json
import logging
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from domain.files.errors import FileDamaged, FileTooLarge
from domain.files.id_card_errors import (
    CardBlurred,
    CardImplausible,
    CardNotRead,
    CardTooSmall,
    NoCard,
    RecognitionBusy,
    RecognitionUnavailable,
    SeveralCards,
    WrongCardSide,
)
from domain.files.id_cards import CardReading, CardSide, CardWarning
from domain.shared.errors import DomainError, UpstreamFailed
from domain.shared.plain_text import clean_line
from integrations.provider_http import PAUSE_SECONDS, with_retries
from integrations.tencent.tc3 import Tc3Http, TencentRefused

log = logging.getLogger("error.tencent")

ACTION: Final = "IDCardOCR"
SERVICE: Final = "ocr"
VERSION: Final = "2018-11-19"
OCR_URL: Final = "https://ocr.tencentcloudapi.com"
MAX_TRIES: Final = 3

_WARNINGS: Final = (
    *("CopyWarn", "BorderCheckWarn", "ReshootWarn", "DetectPsWarn", "TempIdWarn", "InvalidDateWarn", "ReflectWarn"),
    "MultiCardDetect",
)
_CONFIG: Final = json.dumps(dict.fromkeys(_WARNINGS, True))
_WARNING_OF: Final[Mapping[int, CardWarning]] = {
    -9100: CardWarning.EXPIRED,
    -9101: CardWarning.BORDER,
    -9102: CardWarning.COPY,
    -9103: CardWarning.RESHOT,
    -9104: CardWarning.TEMPORARY,
    -9105: CardWarning.OCCLUDED,
    -9106: CardWarning.RETOUCHED,
    -9107: CardWarning.REFLECTION,
    -9108: CardWarning.COPY,
    -9110: CardWarning.ELECTRONIC,
}
_ERRORS: Final[Mapping[str, type[DomainError]]] = {
    "FailedOperation.ImageBlur": CardBlurred,
    "FailedOperation.ImageNoIdCard": NoCard,
    "FailedOperation.MultiCardError": SeveralCards,
    "FailedOperation.IdCardInfoIllegal": CardImplausible,
    "FailedOperation.CardSideError": WrongCardSide,
    "FailedOperation.IdCardTooSmall": CardTooSmall,
    "FailedOperation.OcrFailed": CardNotRead,
    "FailedOperation.ImageDecodeFailed": FileDamaged,
    "FailedOperation.EmptyImageError": FileDamaged,
    "FailedOperation.DownLoadError": FileDamaged,
    "InvalidParameter.EngineImageDecodeFailed": FileDamaged,
    "FailedOperation.ImageSizeTooLarge": FileTooLarge,
    "LimitExceeded.TooLargeFileError": FileTooLarge,
}
_BUSY: Final = re.compile(
    r"RequestLimitExceeded.*|InternalError.*|FailedOperation\.(UnKnowError|EngineRecognizeTimeout)"
)
_UNAVAILABLE: Final = re.compile(
    r"ResourceUnavailable\..*|ResourcesSoldOut\..*|AuthFailure.*|FailedOperation\.(UnOpenError|CountLimitError)"
)
_PERIOD: Final = re.compile(r"(\d{4})\.(\d\d)\.(\d\d)-(?:(\d{4})\.(\d\d)\.(\d\d)|(长期))")


class TencentCardReader:
    """Implements `CardReader`."""

    def __init__(self, tencent: Tc3Http, pause_seconds: float = PAUSE_SECONDS) -> None:
        self._tencent = tencent
        self._pause_seconds = pause_seconds

    async def read(self, picture: bytes, side: CardSide | None) -> CardReading:
        arguments = {"ImageBase64": base64.b64encode(picture).decode(), "Config": _CONFIG}
        if side is not None:
            arguments["CardSide"] = side.upper()
        try:
            answer = await with_retries(
                lambda: self._tencent.call(ACTION, arguments), _is_passing, MAX_TRIES, self._pause_seconds
            )
        except TencentRefused as refused:
            failure = _failure_of(refused.tencent_code)
        else:
            return _reading(answer)
        raise failure


class NoCardReader:
    """Implements `CardReader` where none is configured."""

    async def read(self, picture: bytes, side: CardSide | None) -> CardReading:
        raise RecognitionUnavailable


def _is_passing(failure: Exception) -> bool:
    """Retries only calls that a busy provider refused, because every other call costs money."""
    return isinstance(failure, TencentRefused) and _BUSY.fullmatch(failure.tencent_code) is not None


def _failure_of(code: str) -> DomainError:
    if _BUSY.fullmatch(code):
        return RecognitionBusy()
    if _UNAVAILABLE.fullmatch(code):
        log.error("tencent %s: an operator must act: %s", ACTION, code)
        return RecognitionUnavailable()
    known = _ERRORS.get(code)
    if known is None:
        log.error("tencent %s: unexpected code %s", ACTION, code)
        return UpstreamFailed()
    return known()


def _reading(answer: Mapping[str, Any]) -> CardReading:
    period = _PERIOD.fullmatch(_text(answer, "ValidDate"))
    return CardReading(
        name=_text(answer, "Name"),
        sex=_text(answer, "Sex"),
        nation=_text(answer, "Nation"),
        birth=_text(answer, "Birth"),
        address=_text(answer, "Address"),
        id_number=_text(answer, "IdNum"),
        authority=_text(answer, "Authority"),
        valid_from=_date(period.groups()[:3]) if period else None,
        valid_to=_date(period.groups()[3:6]) if period else None,
        is_long_term=bool(period and period[7]),
        warnings=_warnings(answer),
    )


def _text(answer: Mapping[str, Any], name: str) -> str:
    return clean_line(str(answer.get(name) or ""))[:200]


def _date(parts: tuple[str | None, ...]) -> date | None:
    if parts[0] is None:
        return None
    try:
        return date(*(int(part or 0) for part in parts))
    except ValueError:
        return None


def _warnings(answer: Mapping[str, Any]) -> tuple[CardWarning, ...]:
    try:
        details = json.loads(answer.get("AdvancedInfo") or "{}")
        codes = details.get("WarnInfos") or []
        return tuple({_WARNING_OF[code]: None for code in codes if code in _WARNING_OF})
    except (ValueError, AttributeError, TypeError):
        return ()

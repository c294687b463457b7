"""Reading of identity cards by the provider: its answers, its errors, and its limits."""

import asyncio
import hashlib
import logging
from datetime import date

import pytest

from domain.files.errors import FileDamaged, FileTooLarge
from domain.files.id_card_errors import (
    CardBlurred,
    CardNotRead,
    NoCard,
    RecognitionBusy,
    RecognitionUnavailable,
    WrongCardSide,
)
from domain.files.id_cards import CardSide, CardWarning
from domain.shared.errors import DomainError, UpstreamFailed
from integrations.local.simulators.tencent.ocr import BACK, FRONT
from tests.file_samples import picture
from tests.integrations.tencent.simulated import Cloud

PICTURE = picture(size=(600, 400))
SHA256 = hashlib.sha256(PICTURE).hexdigest()


async def test_the_front_and_the_back_of_a_card(cloud: Cloud) -> None:
    reader = cloud.card_reader()

    front, back = await reader.read(PICTURE, CardSide.FRONT), await reader.read(PICTURE, CardSide.BACK)

    assert (front.name, front.sex, front.id_number) == ("王芳", "女", FRONT["IdNum"])
    assert (front.valid_from, front.authority) == (None, "")
    assert (back.valid_from, back.valid_to) == (date(2020, 7, 21), date(2040, 7, 21))
    assert not back.is_long_term
    assert back.authority == BACK["Authority"]


async def test_a_card_without_an_end_and_with_warnings(cloud: Cloud) -> None:
    fields = {"ValidDate": "2010.07.21-长期", "AdvancedInfo": '{"WarnInfos":[-9102,-9108,-9103,-1]}'}
    await cloud.control("cards", sha256=SHA256, fields=fields)

    card = await cloud.card_reader().read(PICTURE, None)

    assert (card.valid_to, card.is_long_term) == (None, True)
    assert card.warnings == (CardWarning.COPY, CardWarning.RESHOT)


@pytest.mark.parametrize(
    "fields", [{"ValidDate": "2020.13.45-x"}, {"AdvancedInfo": "["}, {"AdvancedInfo": '{"WarnInfos":7}'}]
)
async def test_details_that_make_no_sense_are_left_out(cloud: Cloud, fields: dict[str, str]) -> None:
    await cloud.control("cards", sha256=SHA256, fields={**FRONT, **fields})

    card = await cloud.card_reader().read(PICTURE, None)

    assert (card.name, card.valid_from, card.warnings) == ("王芳", None, ())


@pytest.mark.parametrize(
    ("code", "error", "calls"),
    [
        ("FailedOperation.ImageBlur", CardBlurred, 1),
        ("FailedOperation.ImageNoIdCard", NoCard, 1),
        ("FailedOperation.OcrFailed", CardNotRead, 1),
        ("FailedOperation.ImageDecodeFailed", FileDamaged, 1),
        ("LimitExceeded.TooLargeFileError", FileTooLarge, 1),
        ("RequestLimitExceeded", RecognitionBusy, 3),
        ("InternalError", RecognitionBusy, 3),
        ("FailedOperation.EngineRecognizeTimeout", RecognitionBusy, 3),
        ("ResourceUnavailable.InArrears", RecognitionUnavailable, 1),
        ("AuthFailure.UnauthorizedOperation", RecognitionUnavailable, 1),
        ("InvalidParameter.ConfigFormatError", UpstreamFailed, 1),
        ("SomethingNew", UpstreamFailed, 1),
    ],
)
async def test_each_error_of_the_provider_has_a_meaning(
    cloud: Cloud, code: str, error: type[DomainError], calls: int
) -> None:
    await cloud.control("faults", operation="IDCardOCR", code=code, times=calls)

    with pytest.raises(DomainError) as refused:
        await cloud.card_reader().read(PICTURE, CardSide.FRONT)

    assert type(refused.value) is error
    assert cloud.state.calls["IDCardOCR"] == calls


async def test_the_other_side_is_refused(cloud: Cloud) -> None:
    await cloud.control("cards", sha256=SHA256, fields=BACK)

    with pytest.raises(WrongCardSide):
        await cloud.card_reader().read(PICTURE, CardSide.FRONT)


async def test_a_busy_moment_passes(cloud: Cloud) -> None:
    await cloud.control("faults", operation="IDCardOCR", code="RequestLimitExceeded.UinLimitExceeded", times=2)

    assert (await cloud.card_reader().read(PICTURE, None)).name == "王芳"


async def test_more_calls_than_the_provider_takes_in_a_second(cloud: Cloud) -> None:
    cards = await asyncio.gather(*(cloud.card_reader().read(PICTURE, None) for _ in range(25)), return_exceptions=True)

    assert sum(isinstance(card, RecognitionBusy) for card in cards) == 5


async def test_a_wrong_key_is_a_matter_for_an_operator_and_nothing_of_the_card_is_logged(
    cloud: Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        await cloud.card_reader().read(PICTURE, None)
        with pytest.raises(RecognitionUnavailable):
            await cloud.card_reader("wrong").read(PICTURE, None)

    assert "AuthFailure.SignatureFailure" in caplog.text
    for secret in (FRONT["IdNum"], FRONT["Name"], FRONT["Address"], "ImageBase64"):
        assert secret not in caplog.text

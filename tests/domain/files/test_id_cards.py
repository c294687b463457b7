"""Checks of the values that a provider has read from a card."""

from datetime import date
from pathlib import Path

import pytest

from domain.files.errors import FileFormatRefused, FileMissing
from domain.files.id_card_errors import RecognitionQuotaUsed
from domain.files.id_cards import CardReading, CardSide, CardWarning, checked
from domain.files.limits import FileLimits
from tests.domain.files.memory import Office, in_one_piece
from tests.file_samples import pdf, picture

TODAY = date(2026, 5, 1)
CARD = CardReading(name="王芳", sex="女", birth="1990/3/7", id_number="110101199003070003")


def test_a_card_that_fits_is_offered_as_it_is() -> None:
    assert checked(CARD, TODAY) == CARD
    assert checked(CardReading(authority="北京市公安局"), TODAY).warnings == ()


@pytest.mark.parametrize("number", ["110101199003070004", "11010119900307000", "0" * 18, "没有"])
def test_a_number_with_a_wrong_check_digit_is_not_offered(number: str) -> None:
    card = checked(CARD.model_copy(update={"id_number": number}), TODAY)

    assert (card.id_number, card.warnings) == ("", (CardWarning.CHECK_DIGIT,))


@pytest.mark.parametrize("change", [{"sex": "男"}, {"birth": "1990/3/8"}])
def test_a_number_that_does_not_fit_the_rest_is_marked(change: dict[str, str]) -> None:
    card = checked(CARD.model_copy(update=change), TODAY)

    assert (card.id_number, card.warnings) == (CARD.id_number, (CardWarning.INCONSISTENT,))


def test_a_card_is_valid_through_its_last_day() -> None:
    assert checked(CardReading(valid_to=TODAY), TODAY).warnings == ()
    assert checked(CardReading(valid_to=date(2026, 4, 30)), TODAY).warnings == (CardWarning.EXPIRED,)


async def test_each_person_has_a_daily_quota_which_refused_pictures_do_not_use_up(tmp_path: Path) -> None:
    office = Office(tmp_path, FileLimits(recognitions_per_day=2))
    office.cards.answer = CARD
    images = office.services

    async def read(content: bytes, staff_id: str = "1") -> CardReading:
        async with images.spool.receive(in_one_piece(content), 10**7) as received:
            return await images.id_cards.read(received, CardSide.FRONT, staff_id)

    with pytest.raises(FileFormatRefused):
        await read(pdf())
    with pytest.raises(FileMissing):
        await read(b"")
    for _ in range(2):
        assert await read(picture()) == CARD
    with pytest.raises(RecognitionQuotaUsed):
        await read(picture())
    assert await read(picture(), "2") == CARD
    assert len(office.cards.pictures) == 3

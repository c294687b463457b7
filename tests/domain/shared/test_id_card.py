"""Identity card numbers: form, check digit, and the one form that is stored."""

import pytest

from domain.shared.id_card import check_birthday, check_id_card


@pytest.mark.parametrize("card", ["110101199003070011", "11010119880808001X", "11010119880808001x", ""])
def test_a_valid_number_or_empty_text_is_accepted_in_upper_case(card: str) -> None:
    assert check_id_card(card) == card.upper()


@pytest.mark.parametrize("card", ["110101199003070010", "11010119900307", "身份证", "010101199003070011"])
def test_a_wrong_form_or_check_digit_is_refused(card: str) -> None:
    with pytest.raises(ValueError, match="身份证号"):
        check_id_card(card)


@pytest.mark.parametrize("birthday", ["19900230", "19901301", "18991231", "00000000"])
def test_an_impossible_birthday_is_refused(birthday: str) -> None:
    with pytest.raises(ValueError, match="出生日期"):
        check_birthday(f"110101{birthday}0011")


@pytest.mark.parametrize("card", ["110101200002290011", ""])
def test_a_day_of_the_calendar_is_a_birthday(card: str) -> None:
    assert check_birthday(card) == card

"""Identity card numbers: form, check digit, and the one form that is stored."""

import pytest

from domain.shared.id_card import check_id_card


@pytest.mark.parametrize("card", ["110101199003070011", "11010119880808001X", "11010119880808001x", ""])
def test_a_valid_number_or_empty_text_is_accepted_in_upper_case(card: str) -> None:
    assert check_id_card(card) == card.upper()


@pytest.mark.parametrize("card", ["110101199003070010", "11010119900307", "身份证", "010101199003070011"])
def test_a_wrong_form_or_check_digit_is_refused(card: str) -> None:
    with pytest.raises(ValueError, match="身份证号"):
        check_id_card(card)

"""Which new passwords are refused as too easy to guess."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain.shared.credentials import NewPassword
from domain.shared.password_strength import WeakPassword, require_strong, weakness_of


@pytest.mark.parametrize(
    "password",
    [
        *("aaaaaaaa", "11111111", "abababab", "12121212", "abcabcabc", "passwordpassword"),
        *("12345678", "987654321", "abcdefgh", "qwertyuiop", "lkjhgfdsa", "12345678a", "abcd4321", "90123456"),
    ],
)
def test_repeated_and_consecutive_characters_are_refused(password: str) -> None:
    reason = weakness_of(password)

    assert reason is not None
    assert "重复或连续" in reason.zh


@pytest.mark.parametrize("password", ["password1", "PassWord1", "iloveyou", "1qaz2wsx", "woaini1314", "admin888"])
def test_the_commonest_passwords_are_refused_in_any_case(password: str) -> None:
    reason = weakness_of(password)

    assert reason is not None
    assert "过于常见" in reason.zh


@pytest.mark.parametrize(
    "password", ["wang_fang", "Wang_Fang8", "13800138000", "00138000", "a13800138000!", "wang_fangwang_fang"]
)
def test_the_accounts_own_name_and_phone_number_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        require_strong(password, ("wang_fang", "", "13800138000"))

    assert "密码过于简单：密码不能由账号、姓名或手机号构成" in refused.value.shown_text.zh


@pytest.mark.parametrize("password", ["correct horse", "wang_fang-Lamp-Quartz", "T4k-Wm9-Zr2", "老虎机器人喝绿茶水"])
def test_other_passwords_are_accepted(password: str) -> None:
    require_strong(password, ("wang_fang", "li", "13800138000"))


@given(st.text(min_size=1, max_size=8), st.integers(min_value=2, max_value=8))
def test_no_repetition_makes_a_password_strong(unit: str, times: int) -> None:
    assert weakness_of(unit * times) is not None


def test_a_new_password_of_a_request_is_refused_with_the_reason_in_both_languages() -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(NewPassword).validate_python("iloveyou")

    [problem] = refused.value.errors()
    assert "密码过于常见，容易被猜到 / this password is among the commonest" in problem["msg"]

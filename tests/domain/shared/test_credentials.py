"""Characters of passwords."""

import pytest
from pydantic import TypeAdapter, ValidationError

from domain.shared.credentials import NewPassword, PresentedPassword

NEW: TypeAdapter[str] = TypeAdapter(NewPassword)
PRESENTED: TypeAdapter[str] = TypeAdapter(PresentedPassword)


@pytest.mark.parametrize(
    "password", ["  spaces around  ", "密码里的汉字八个", "join\u200ders 👩\u200d👧", "e\u0301tude No 5"]
)
def test_a_password_is_kept_as_it_was_typed(password: str) -> None:
    assert NEW.validate_python(password) == PRESENTED.validate_python(password) == password


@pytest.mark.parametrize("control", ["\x00", "\t", "\n", "\x1b", "\x7f", "\x85"])
@pytest.mark.parametrize("passwords", [NEW, PRESENTED], ids=["new", "presented"])
def test_a_control_character_in_a_password_is_refused(passwords: TypeAdapter[str], control: str) -> None:
    with pytest.raises(ValidationError, match="密码不能包含控制字符 / a password must not contain control characters"):
        passwords.validate_python(f"correct{control}horse battery")

"""Masking of personal values and secrets, by key and within text."""

from hypothesis import given
from hypothesis import strategies as st

from domain.shared.masking import mask_text, masked

PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
OPENIDS = st.from_regex(r"o[0-9A-Za-z]{27}", fullmatch=True)
WORDS = st.text(alphabet="的用户 ,:;/", max_size=10)


@given(PHONES, WORDS, WORDS)
def test_a_phone_number_in_free_text_is_masked(phone: str, before: str, after: str) -> None:
    assert phone not in mask_text(before + phone + after)


@given(OPENIDS)
def test_an_openid_in_free_text_is_masked(openid: str) -> None:
    assert openid not in mask_text(f"user {openid} logged in")


def test_an_identity_card_number_is_masked() -> None:
    assert "19900307" not in mask_text("身份证 11010119900307663X 已核验")


def test_tokens_and_secrets_in_urls_are_masked() -> None:
    text = mask_text("GET /sns/jscode2session?appid=wx1&secret=abc123&js_code=071xyz&grant_type=authorization_code")

    assert "abc123" not in text
    assert "071xyz" not in text
    assert "appid=wx1" in text


def test_values_are_masked_by_the_name_of_their_key_at_any_depth() -> None:
    shown = masked({"user": {"phone": "13800001234", "password": "x", "accessToken": "y", "nickname": "小王"}, "n": 3})

    assert shown == {
        "user": {"phone": "138****1234", "password": "****", "accessToken": "****", "nickname": "小王"},
        "n": 3,
    }


def test_a_home_address_keeps_its_district_and_a_network_address_is_not_masked() -> None:
    shown = masked({"customerAddress": "海淀区中关村大街 1 号", "worker_address": "通州区", "address": "10.1.2.3"})

    assert shown == {"customerAddress": "海淀区中关村****", "worker_address": "****", "address": "10.1.2.3"}


def test_an_error_code_is_not_masked() -> None:
    assert masked({"errorCode": "PHONE_BOUND"}) == {"errorCode": "PHONE_BOUND"}
    assert masked({"code": "PHONE_BOUND"}) == {"code": "PHONE_BOUND"}
    assert masked({"code": "0a1B2C3d"}) == {"code": "****"}

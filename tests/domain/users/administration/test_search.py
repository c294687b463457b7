"""Interpretation of search texts, and n-grams of nicknames."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.users.administration.search import (
    SearchTerms,
    nickname_ngrams,
    prefix_upper_bound,
    required_ngrams,
    search_terms,
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("138", SearchTerms(phone_prefix="138", nickname="138")),
        ("13", SearchTerms(nickname="13")),
        ("8000", SearchTerms(phone_prefix="8000", phone_tail="8000", nickname="8000")),
        ("0013 8000", SearchTerms(phone_prefix="00138000", phone_tail="00138000", nickname="0013 8000")),
        ("138 0013 8000", SearchTerms(phone_prefix="13800138000", nickname="138 0013 8000")),
        ("+86138", SearchTerms(phone_prefix="138", nickname="+86138")),
        ("Wang", SearchTerms(username_prefix="wang", nickname="wang")),
        ("wa", SearchTerms(nickname="wa")),
        ("小王", SearchTerms(nickname="小王")),
        ("  小   王 ", SearchTerms(nickname="小 王")),
        ("oABC-1234567", SearchTerms(nickname="oabc-1234567", openid="oABC-1234567")),
        ("", SearchTerms()),
    ],
)
def test_a_search_text_has_one_or_several_meanings(text: str, terms: SearchTerms) -> None:
    assert search_terms(text) == terms


@given(st.text(max_size=32), st.integers(0, 32), st.integers(1, 8))
def test_the_ngrams_of_a_nickname_include_those_of_every_part(nickname: str, start: int, length: int) -> None:
    part = nickname.lower()[start : start + length]

    assert set(required_ngrams(part)) <= set(nickname_ngrams(nickname))


@given(st.text("abcxyz0189_", min_size=1, max_size=6), st.text("abcxyz0189_", max_size=6))
def test_a_prefix_range_contains_exactly_the_texts_with_the_prefix(prefix: str, text: str) -> None:
    assert (prefix <= text < prefix_upper_bound(prefix)) == text.startswith(prefix)

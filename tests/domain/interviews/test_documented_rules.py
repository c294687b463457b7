"""`docs/interviews.md` names existing tests for every known weakness."""

from tests.documented_weaknesses import missing_tests, weaknesses

PAGE = "interviews.md"


def test_every_known_weakness_names_a_test() -> None:
    named = weaknesses(PAGE)

    assert list(named) == list(range(1, 17))
    assert all(named.values())
    assert sum(map(len, named.values())) >= 30


def test_every_documented_test_exists() -> None:
    assert missing_tests(PAGE) == []

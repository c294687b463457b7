"""The caller's address cannot be chosen by the caller."""

import pytest

from domain.shared.ip_addresses import client_address, parse_networks, rate_limit_key

PROXIES = parse_networks("10.0.0.0/8, 127.0.0.1")


def test_a_header_from_anybody_is_ignored() -> None:
    assert client_address("203.0.113.9", "1.2.3.4", PROXIES) == "203.0.113.9"


def test_a_proxy_of_ours_tells_the_client() -> None:
    assert client_address("10.0.0.2", "203.0.113.9", PROXIES) == "203.0.113.9"


def test_what_a_client_put_before_our_proxys_entry_does_not_count() -> None:
    assert client_address("127.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", PROXIES) == "203.0.113.9"


def test_nonsense_in_the_header_leaves_the_nearest_true_address() -> None:
    assert client_address("10.0.0.2", "<script>", PROXIES) == "10.0.0.2"


@pytest.mark.parametrize(
    ("address", "key"),
    [("203.0.113.9", "203.0.113.9"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("::ffff:203.0.113.9", "203.0.113.9")],
)
def test_one_subscriber_shares_one_rate(address: str, key: str) -> None:
    assert rate_limit_key(address) == key

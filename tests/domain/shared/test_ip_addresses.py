"""Client addresses behind proxies: a client cannot choose its own address."""

import pytest

from domain.shared.ip_addresses import client_address, parse_networks, rate_limit_key

PROXIES = parse_networks("10.0.0.0/8, 127.0.0.1")


def test_the_header_of_an_untrusted_peer_is_ignored() -> None:
    assert client_address("203.0.113.9", "1.2.3.4", PROXIES) == "203.0.113.9"


def test_a_trusted_proxy_names_the_client() -> None:
    assert client_address("10.0.0.2", "203.0.113.9", PROXIES) == "203.0.113.9"


def test_entries_before_that_of_the_trusted_proxy_are_ignored() -> None:
    assert client_address("127.0.0.1", "1.1.1.1, 203.0.113.9, 10.0.0.2", PROXIES) == "203.0.113.9"


def test_an_invalid_entry_leaves_the_nearest_valid_address() -> None:
    assert client_address("10.0.0.2", "<script>", PROXIES) == "10.0.0.2"


@pytest.mark.parametrize(
    ("address", "key"),
    [("203.0.113.9", "203.0.113.9"), ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"), ("::ffff:203.0.113.9", "203.0.113.9")],
)
def test_one_subscriber_has_one_rate_limit_key(address: str, key: str) -> None:
    assert rate_limit_key(address) == key

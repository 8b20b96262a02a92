"""Addresses as numbers and as text, against the standard library; and the one range parser."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.addresses import address_bytes, address_from_bytes, address_text, prefix_bounds
from model.ranges import RangeSyntaxError, parse_address, parse_network, parse_range

V6 = st.integers(0, 2**128 - 1) | st.lists(
    st.sampled_from([0, 0, 0, 1, 0xABCD, 0xFFFF]), min_size=8, max_size=8
).map(lambda groups: int("".join(f"{g:04x}" for g in groups), 16))


@given(st.integers(0, 2**32 - 1))
def test_ipv4_text_is_canonical_and_reads_back(number: int) -> None:
    text = address_text(4, number)
    assert text == str(ipaddress.IPv4Address(number))
    assert parse_address(text) == (4, number)


@given(V6)
def test_ipv6_text_is_canonical_and_reads_back(number: int) -> None:
    text = address_text(6, number)
    groups = ipaddress.IPv6Address(number)
    if groups.ipv4_mapped is None:
        assert text == str(groups)
        assert parse_address(text) == (6, number)
    assert address_from_bytes(address_bytes(6, number)) == (6, number)


@given(V6, st.integers(0, 128))
def test_prefix_bounds_are_those_of_the_network(number: int, bits: int) -> None:
    network = ipaddress.IPv6Network((number, bits), strict=False)
    assert prefix_bounds(6, number, bits) == (int(network[0]), int(network[-1]))


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("10.0.0.5-10.0.0.1", "reversed-range", "write `10.0.0.1-10.0.0.5`"),
        ("10.0.0.0/30", "cidr-in-ips", "write `10.0.0.0-10.0.0.3`"),
        ("10.0.0.1 - 10.0.0.5", "invalid-range", "write `10.0.0.1-10.0.0.5` without blanks"),
        ("10.0.0.1-5", "invalid-range", "write both ends in full: `10.0.0.1-10.0.0.5`"),
        ("10.0.0.1-fd00::1", "invalid-range", "write both ends in one family"),
        ("10.0.0.1-", "invalid-range", "`` is not an IP address; write `10.6.168.151` or `10.6.168.151-10.6.168.160`"),
        ("10.0.0.01", "invalid-range", "`10.0.0.01` is not an IP address; write `10.6.168.151` or `10.6.168.151-10.6.168.160`"),
        ("::ffff:10.0.0.1", "invalid-range", "`::ffff:10.0.0.1` is an IPv4 address written as IPv6; write `10.6.168.151` or `10.6.168.151-10.6.168.160`"),
    ],
)  # fmt: skip
def test_a_range_that_is_none_says_how_to_write_it(text: str, code: str, hint: str) -> None:
    with pytest.raises(RangeSyntaxError) as caught:
        parse_range(text)
    assert (caught.value.code, caught.value.hint) == (code, hint)


@pytest.mark.parametrize(
    "text",
    [
        "10.0.0.0",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/08",
        "x/8",
        "fd00::/129",
        "10.0.0.0/" + "1" * 5000,
    ],
)
def test_a_network_needs_an_address_and_a_length(text: str) -> None:
    with pytest.raises(RangeSyntaxError):
        parse_network(text)


def test_equal_ends_are_one_address_and_spelling_does_not_matter() -> None:
    assert parse_range("10.0.0.1-10.0.0.1") == (4, 0x0A000001, 0x0A000001)
    assert parse_range("FD00:0::A-fd00::b") == (6, (0xFD00 << 112) + 10, (0xFD00 << 112) + 11)

"""docs/spiderpool.md and docs/extensions.md leave nothing out and name nothing that is not there."""

from __future__ import annotations

import re

import pytest

from ipam.cni_config import KEYS
from model.errors import CODES
from policy.annotations import LINT_IGNORE, PREFIX, PRIORITY, QUARANTINE, REQUIRE
from policy.networks import DEFAULT_NETWORK, NETWORKS
from policy.pool_annotations import IPPOOL, IPPOOLS, NAMESPACE_KEYS
from policy.resources.spider import PoolSpecShape
from policy.routes import ROUTES
from policy.select import NOT_SUPPORTED
from store.settings import DEFAULTS
from tests.docs.test_tables import codes_in, page, rows, section

SPIDERPOOL, EXTENSIONS = page("docs/spiderpool.md"), page("docs/extensions.md")
# One for each decision about a quirk of Spiderpool, in the order in which they were taken.
DIFFERENCES = [
    "no candidate at all",
    "pools of the same rank",
    "a name list beside a selector",
    "an empty selector",
    "which fields are validated",
    "the interface's network",
    "pools made for core-group controllers",
    "ranges",
    "a CIDR in `ips`",
    "the order of addresses",
    "overlapping pools",
    "huge IPv6 pools",
    "two interfaces on one pool",
    "a family that fails",
    "DEL",
    "a Pod that has ended",
    "a bad reserved range",
    "deleting a pool in use",
    "all pools of a family filtered out",
    "reasons",
    "addresses of a pool",
    "CHECK, GC, STATUS and failed releases",
    "KubeVirt",
]


def cells(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, without its head."""
    lines = re.findall(r"(?m)^\| (.*) \|$", section(SPIDERPOOL, heading))
    return [[cell.strip() for cell in line.split(" | ")] for line in lines[1:]]


def test_every_difference_is_listed_with_what_each_does_and_what_the_user_sees() -> None:
    table = cells("## What differs")
    assert [row[0] for row in table] == DIFFERENCES
    assert all(len(row) == 4 and all(row) for row in table)


def test_every_error_that_is_named_exists() -> None:
    known = {code for codes in CODES.values() for code in codes}
    seen = [row[3] for row in cells("## What differs")] + [
        r[1] for r in cells("## What is refused")
    ]
    named = {
        code for text in seen for code in codes_in(text) if re.fullmatch(r"[a-z]+-[a-z-]+", code)
    }
    assert {"no-candidate", "empty-selector", "reversed-range", "not-supported"} <= named
    assert named <= known


def test_every_annotation_that_is_understood_is_listed() -> None:
    listed = {code for row in cells("## What is understood") for code in codes_in(row[1])}
    understood = {IPPOOLS, IPPOOL, ROUTES, DEFAULT_NETWORK, NETWORKS, *NAMESPACE_KEYS.values()}
    assert {code for code in listed if "/" in code} == understood


def test_every_annotation_that_is_refused_is_listed() -> None:
    listed = [code for row in cells("## What is refused") for code in codes_in(row[0])]
    assert [code for code in listed if "/" in code] == list(NOT_SUPPORTED)


def test_the_fields_named_as_ranking_are_fields_of_a_pool() -> None:
    fields = {field.alias for field in PoolSpecShape.model_fields.values()}
    preference = re.search(r"- \*\*The preference\.\*\*(.*)\n", SPIDERPOOL)
    assert preference
    assert set(codes_in(preference[1])) <= fields


@pytest.mark.parametrize("key", ["default_ipv4_ippool", "default_ipv6_ippool", "clean_gateway"])
def test_the_keys_that_keep_their_names_are_keys(key: str) -> None:
    assert f"`{key}`" in section(SPIDERPOOL, "## Moving")
    assert key in KEYS


def test_the_settings_to_set_before_an_import_are_settings() -> None:
    text = re.search(r"(?s)\*\*Settings\.\*\*(.*?)Set them", SPIDERPOOL)
    assert text
    assert {code for code in codes_in(text[1]) if " " not in code} <= set(DEFAULTS)


def test_every_annotation_of_ours_has_its_row_and_its_section() -> None:
    keys = [PRIORITY, REQUIRE, QUARANTINE, LINT_IGNORE]
    table = rows(EXTENSIONS.partition("\n## ")[0])
    assert [codes_in(row[0])[0].replace("<rule>", "") for row in table] == keys
    headings = re.findall(rf"(?m)^## ({re.escape(PREFIX)}.*)$", EXTENSIONS)
    assert headings == keys

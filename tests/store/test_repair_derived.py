"""What `check` finds wrong of what is derived from leases, pools and objects, `rebuild` mends."""

from __future__ import annotations

import pytest

from tests.store.damaged import MISCOUNTED, Damage, checked, damage, rebuilt, told, used

__all__ = ["used"]

SIGHTED = 1_700_000_000
DERIVED = [
    Damage(
        "a bit too few",
        "DELETE FROM node WHERE family = 4",
        [
            (
                "bitmap",
                "the bitmap of IPv4 does not agree with the leases from 10.0.0.0 on (node 0/28000)",
            )
        ],
    ),
    Damage(
        "a bit too many",
        "UPDATE node SET bits = x'1f' WHERE family = 6",
        [
            (
                "bitmap",
                "the bitmap of IPv6 does not agree with the leases from fd00:: on "
                "(node 0/3f4000000000000000000000000000)",
            )
        ],
    ),
    Damage(
        "an empty node",
        "INSERT INTO node (family, level, idx, bits) VALUES (4, 1, x'', x'')",
        [
            (
                "bitmap",
                "the bitmap of IPv4 does not agree with the leases from 0.0.0.0 on (node 1/0)",
            )
        ],
    ),
    Damage(
        "a wrong count",
        "UPDATE pool_usage SET resting = 7 WHERE pool = 'a'",
        [("counts", "the counts of pool `a` do not agree with its leases")],
    ),
    Damage(
        "no counts",
        "DELETE FROM pool_usage WHERE pool = 'b'",
        [("counts", "the counts of pool `b` do not agree with its leases")],
    ),
    Damage(
        "a lease that does not know that it is reserved",
        "UPDATE lease SET reserved = 0 WHERE reserved",
        [
            ("counts", "the counts of pool `a` do not agree with its leases"),
            (
                "lease-reserved",
                "the lease of `10.0.0.3` is wrong about whether the address is reserved",
            ),
        ],
    ),
    Damage(
        "reserved addresses that may be claimed",
        "UPDATE pool SET claimable = ranges, claimable_total = total WHERE name = 'a'",
        [
            (
                "claimable",
                "the claimable addresses of pool `a` do not agree with the reserved ones",
            )
        ],
    ),
    Damage(
        "a range that counts as full",
        "UPDATE claimable_range SET is_open = 0 WHERE pool = 'a'",
        [("claimable", "the open ranges of pool `a` do not agree with its leases")],
    ),
    Damage(
        "a range too few",
        "DELETE FROM claimable_range WHERE pool = 'b'",
        [("claimable", "the open ranges of pool `b` do not agree with its leases")],
    ),
    Damage(
        "a range of no pool",
        "INSERT INTO claimable_range VALUES ('gone', x'0a000063', x'0a000063', 1)",
        [("claimable", "the open ranges name `gone`, which is no pool")],
    ),
    Damage(
        "reserved addresses that are forgotten",
        "DELETE FROM reserved_range",
        [
            (
                "reserved",
                "the reserved addresses of IPv4 are not those of the SpiderReservedIPs",
            ),
            (
                "claimable",
                "the claimable addresses of pool `a` do not agree with the reserved ones",
            ),
        ],
    ),
    Damage(
        "a wrong total",
        "UPDATE pool SET total = '1' WHERE name = 'six'",
        [("ranges", "the ranges of pool `six` do not agree with the index over all ranges")],
    ),
    Damage(
        "ranges of a pool that is not there",
        "INSERT INTO pool_range (family, first, last, pool) "
        "VALUES (4, x'0a0000ff', x'0a0000ff', 'gone')",
        [("ranges", "the index over all ranges names `gone`, which is no pool")],
    ),
    Damage(
        "an index over ranges that overlap",
        "UPDATE pool_range SET last = x'0a000014' WHERE pool = 'a'",
        [("ranges", "the ranges of pool `a` do not agree with the index over all ranges")],
    ),
    Damage(
        "a wrong digest of all rules",
        "UPDATE meta SET value = '7' WHERE key = 'rules_digest'",
        [("rules-digest", "the digest of all rules is not the sum over all pools")],
    ),
    Damage(
        "flags changed behind the digest",
        "UPDATE pool SET disabled = 1 WHERE name = 'b'",
        [
            ("rules-digest", "the digest of pool `b` is not that of its rules"),
            ("rules-digest", "the digest of all rules is not the sum over all pools"),
        ],
    ),
    Damage(
        "a rule text that nobody refers to",
        "INSERT INTO rule_text (digest, language, text, spans) VALUES ('x', 1, 'rules 1', '[]')",
        [("rule-text", "there are texts of rules that no pool refers to")],
    ),
    Damage(
        "a rule text that is to go while a pool has it",
        "UPDATE rule_text SET retired_after = 7 WHERE digest = "
        "(SELECT rule_digest FROM pool WHERE name = 'a')",
        [("rule-text", "there are texts of rules that are to go while a pool has them")],
    ),
    Damage(
        "a decision that the journal names and nobody has",
        "UPDATE journal SET decision_id = 77 WHERE id = 1",
        [
            (
                "decision-lost",
                "the journal says that decision 77 gave `10.0.0.3`, and it is not there",
            )
        ],
    ),
    Damage(
        "a decision that cannot be read",
        "INSERT INTO decision VALUES (5, 0, '', '', 'eth0', 'pool-exhausted', '', '{')",
        [("decision-unreadable", "decision 5 cannot be read")],
    ),
    Damage(
        "revisions of leases that would be used again",
        "UPDATE sqlite_sequence SET seq = 3 WHERE name = 'journal'",
        [("revision", "the revisions of leases would be given out a second time"), MISCOUNTED],
    ),
    Damage(
        "revisions of objects that would be used again",
        "UPDATE meta SET value = '0' WHERE key = 'revision'",
        [("revision", "the revisions of objects would be given out a second time")],
    ),
    Damage(
        "the absence of a holder that has never been",
        f"INSERT INTO sighting (family, address, revision, since) VALUES "
        f"(4, x'0a000003', 99, {SIGHTED})",
        [
            (
                "sighting",
                "the absence of the holder of `10.0.0.3` was noted for a lease that never was",
            )
        ],
    ),
    Damage(
        "a unique key that is missing",
        "DROP INDEX lease_by_attachment",
        [("index-missing", "the index `lease_by_attachment` is missing or another")],
    ),
    Damage(
        "an index that lost rows",
        "CREATE TEMP TABLE hidden AS SELECT * FROM sqlite_master WHERE name = 'journal_by_pod';"
        "PRAGMA writable_schema = ON;"
        "DELETE FROM sqlite_master WHERE name = 'journal_by_pod';"
        "PRAGMA writable_schema = RESET;"
        "UPDATE journal SET pod_name = 'other' WHERE id = 1;"
        "PRAGMA writable_schema = ON;"
        "INSERT INTO sqlite_master SELECT * FROM hidden;"
        "PRAGMA writable_schema = RESET;",
        [("index-damaged", "the index `journal_by_pod` is not that of its table")],
    ),
]


@pytest.mark.parametrize("case", DERIVED, ids=lambda case: case.name)
def test_damage_to_what_is_derived_is_named(used: str, case: Damage) -> None:
    damage(used, case.script)
    assert told(checked(used)) == list(case.problems)


@pytest.mark.parametrize("case", DERIVED, ids=lambda case: case.name)
def test_what_is_derived_is_mended_and_told(used: str, case: Damage) -> None:
    damage(used, case.script)
    assert sorted(told(rebuilt(used))) == sorted(case.problems)
    assert checked(used) == []

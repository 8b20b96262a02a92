"""`check` sees every kind of damage, and `rebuild` mends exactly what can be derived.

The damage is done to the file, by SQLite and not by the store.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest

from model.errors import StoreBusyError
from model.leases import Claimed, FamilyClaim, LetGo, NoneLeft, PoolChoice
from store.create import create_store
from store.repair import Problem, check, examine, rebuild
from store.store import open_store
from tests.store.build import (
    NOW,
    claim,
    claim_of,
    holder,
    pool,
    release,
    reserved,
    run,
    write,
)

SIGHTED = 1_700_000_000


@pytest.fixture
def used(path: str) -> str:
    """A closed store with bound, resting and reserved addresses of both families."""
    with create_store(path) as store:
        write(
            store,
            pool("a", "10.0.0.1-10.0.0.9"),
            pool("b", "10.0.0.20-10.0.0.29"),
            pool("six", "fd00::/64", subnet="fd00::/64"),
            objects=[reserved("r", "10.0.0.1-10.0.0.2")],
        )
        for i in range(3):
            claim(store, f"c{i}", "a", who=holder(f"web-{i}", "u"))
            claim(store, f"s{i}", "six", family=6)
        release(store, "c1", NOW + 1)
        write(store, objects=[reserved("s", "10.0.0.3")])
        both = claim_of(store, "both", "b")
        families = [FamilyClaim(4, [PoolChoice("b", 8)]), FamilyClaim(6, [PoolChoice("six", 64)])]
        assert isinstance(run(store, both.replace(families=families)), Claimed)
        store.settings.set("quarantine_seconds", 30)
    return path


def damage(path: str, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)


def checked(path: str) -> list[Problem]:
    with open_store(path) as store:
        return check(store)


def rebuilt(path: str) -> list[Problem]:
    with open_store(path) as store:
        return rebuild(store)


def test_a_whole_store_has_no_complaint_and_is_counted(used: str) -> None:
    steps: list[tuple[str, int, int]] = []
    with open_store(used) as store:
        found = examine(store, lambda *step: steps.append(step))
    assert list(found.problems) == []
    assert found.counts == {
        "pool": 3, "lease": 8, "bound": 7, "kept": 0, "resting": 1,
        "journal": 9, "object": 2, "sighting": 0,
    }  # fmt: skip
    assert [done for _, done, _ in steps] == list(range(len(steps)))
    assert {total for _, _, total in steps} == {len(steps)}


def test_rebuilding_a_whole_store_changes_nothing(used: str) -> None:
    before = Path(used).read_bytes()
    assert rebuilt(used) == []
    assert Path(used).read_bytes() == before


class Damage(NamedTuple):
    name: str
    script: str
    problems: Sequence[tuple[str, str]]  # what, message
    stays: Sequence[str] = ()  # what could be derived, but not from this


WITHOUT_JOURNAL = (
    "event, family, address, pool, node, network, container_id, ifname, pod_namespace, pod_name, "
    "pod_uid, tenant, rules_digest, decision"
)
MISCOUNTED = ("journal-count", "the count of the journal's rows is not that of its rows")
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
TRUTHS = [
    Damage(
        "a lease outside its pool",
        "UPDATE lease SET address = x'0a0000c8', answer = replace(answer, '10.0.0.3', "
        "'10.0.0.200') WHERE address = x'0a000003'",
        [
            (
                "bitmap",
                "the bitmap of IPv4 does not agree with the leases from 10.0.0.0 on (node 0/28000)",
            ),
            (
                "lease-outside-pool",
                "`10.0.0.200` is held, but is no address of its pool `a`",
            ),
            (
                "lease-reserved",
                "the lease of `10.0.0.200` is wrong about whether the address is reserved",
            ),
            ("journal-silent", "the journal does not tell of the lease of `10.0.0.200`"),
            (
                "lease-lost",
                "the journal says that pod shop/web-0 holds `10.0.0.3`, but there is no lease of it",
            ),
        ],
    ),
    Damage(
        "a lease of a pool that is gone",
        "UPDATE lease SET pool = 'gone' WHERE address = x'0a000005'",
        [
            ("counts", "the counts of pool `a` do not agree with its leases"),
            ("counts", "the counts of pool `gone` do not agree with its leases"),
            ("lease-outside-pool", "`10.0.0.5` is held, but is no address of its pool `gone`"),
        ],
    ),
    Damage(
        "a lease that is gone",
        "DELETE FROM lease WHERE address = x'0a000005'",
        [
            (
                "bitmap",
                "the bitmap of IPv4 does not agree with the leases from 10.0.0.0 on (node 0/28000)",
            ),
            ("counts", "the counts of pool `a` do not agree with its leases"),
            (
                "lease-lost",
                "the journal says that pod shop/web-2 holds `10.0.0.5`, but there is no lease of it",
            ),
        ],
    ),
    Damage(
        "a lease in no known state",
        "UPDATE lease SET state = 'gone' WHERE address = x'0a000005'",
        [
            (
                "lease-state",
                "the lease of `10.0.0.5` is in the state `gone`, which does not exist",
            ),
            ("journal-silent", "the journal does not tell of the lease of `10.0.0.5`"),
        ],
    ),
    Damage(
        "a lease that answers with another address",
        "UPDATE lease SET answer = replace(answer, '10.0.0.5', '10.0.0.6') "
        "WHERE address = x'0a000005'",
        [
            (
                "lease-answer",
                "the lease of `10.0.0.5` answers with another address, or with none",
            )
        ],
    ),
    Damage(
        "a lease that answers nothing that can be read",
        "UPDATE lease SET answer = '{' WHERE address = x'0a000005'",
        [
            (
                "lease-answer",
                "the lease of `10.0.0.5` answers with another address, or with none",
            )
        ],
    ),
    Damage(
        "an interface with one of its two families",
        "UPDATE lease SET state = 'resting', rests_until = 1 WHERE container_id = 'both' "
        "AND family = 4",
        [
            ("counts", "the counts of pool `b` do not agree with its leases"),
            (
                "interface-in-part",
                "container `both`, interface eth0 holds `fd00::3` without the other family that "
                "it was answered with",
            ),
            ("journal-silent", "the journal does not tell of the lease of `10.0.0.20`"),
        ],
    ),
    Damage(
        "an interface with two addresses",
        "DROP INDEX lease_by_attachment;"
        "UPDATE lease SET container_id = 'c0' WHERE address = x'0a000005';"
        "UPDATE journal SET container_id = 'c0' WHERE address = x'0a000005';",
        [
            ("index-missing", "the index `lease_by_attachment` is missing or another"),
            (
                "interface-twice",
                "container `c0`, interface eth0 holds more than one IPv4 address; one of them is "
                "`10.0.0.3`",
            ),
            (
                "interface-twice",
                "container `c0`, interface eth0 holds more than one IPv4 address; one of them is "
                "`10.0.0.5`",
            ),
        ],
        ["index-missing"],
    ),
    Damage(
        "pools that share addresses",
        "UPDATE pool SET ranges = 'a000001-a000014', total = '20' WHERE name = 'a'",
        [
            ("ranges", "the ranges of pool `a` do not agree with the index over all ranges"),
            (
                "claimable",
                "the claimable addresses of pool `a` do not agree with the reserved ones",
            ),
            ("ranges-shared", "pools `a` and `b` share addresses, from `10.0.0.20` on"),
        ],
        ["ranges"],
    ),
    Damage(
        "a journal without its newest row",
        "DELETE FROM journal WHERE event = 'released'",
        [
            ("journal-silent", "the journal does not tell of the lease of `10.0.0.4`"),
            MISCOUNTED,
        ],
    ),
    Damage(
        "a journal that goes on without its lease",
        f"INSERT INTO journal (id, at, {WITHOUT_JOURNAL}) SELECT 99, at, "
        f"{WITHOUT_JOURNAL.replace('event', chr(39) + 'released' + chr(39), 1)} "
        "FROM journal WHERE address = x'0a000003'",
        [("journal-ahead", "the journal knows more of `10.0.0.3` than its lease"), MISCOUNTED],
    ),
    Damage(
        "a pool without its rule text",
        "DELETE FROM rule_text WHERE text LIKE '%six%'",
        [("rule-text", "the text of the rules of pool `six` is missing or another")],
    ),
    Damage(
        "a pool with the rule text of another",
        "UPDATE rule_text SET text = 'rules 1' WHERE text LIKE '%six%'",
        [("rule-text", "the text of the rules of pool `six` is missing or another")],
    ),
    Damage(
        "a setting without sense",
        "UPDATE setting SET value = 'soon' WHERE key = 'quarantine_seconds'",
        [
            (
                "setting",
                "the setting `quarantine_seconds` has the value `soon`, which makes no sense",
            )
        ],
    ),
    Damage(
        "an object that cannot be read",
        "UPDATE object SET facts = '{' WHERE name = 's'",
        [
            (
                "unreadable",
                "something that the check of the reserved addresses reads is not of the form it "
                "should be",
            ),
            ("object", "the SpiderReservedIP s cannot be read"),
        ],
    ),
    Damage(
        "ranges that cannot be read",
        "UPDATE pool SET ranges = '10.0.0.1' WHERE name = 'b'",
        [
            (
                "unreadable",
                "something that the check of the leases reads is not of the form it should be",
            ),
            (
                "unreadable",
                "something that the check of the ranges of pools reads is not of the form it "
                "should be",
            ),
        ],
    ),
    Damage(
        "a table of another form",
        "ALTER TABLE sighting RENAME COLUMN since TO at",
        [("table-differs", "the table `sighting` is not as this schema has it")],
    ),
    Damage(
        "a table that is missing",
        "DROP TABLE pool_usage",
        [("table-differs", "the table `pool_usage` is not as this schema has it")],
    ),
]


def told(problems: Sequence[Problem]) -> list[tuple[str, str]]:
    return [(one.what, one.message) for one in problems]


@pytest.mark.parametrize("case", [*DERIVED, *TRUTHS], ids=lambda case: case.name)
def test_damage_is_named(used: str, case: Damage) -> None:
    damage(used, case.script)
    assert told(checked(used)) == list(case.problems)


@pytest.mark.parametrize("case", DERIVED, ids=lambda case: case.name)
def test_what_is_derived_is_mended_and_told(used: str, case: Damage) -> None:
    damage(used, case.script)
    assert sorted(told(rebuilt(used))) == sorted(case.problems)
    assert checked(used) == []


@pytest.mark.parametrize("case", TRUTHS, ids=lambda case: case.name)
def test_what_is_not_derived_stays_and_has_another_remedy(used: str, case: Damage) -> None:
    damage(used, case.script)
    before, held = checked(used), leases_of(used)
    stay = [one for one in before if one.remedy != "rebuild" or one.what in case.stays]
    mended = rebuilt(used)
    assert {one for one in before if one not in stay} <= set(mended)
    assert not set(mended) & set(stay)
    assert told(checked(used)) == told(stay)
    assert leases_of(used) == held


def leases_of(path: str) -> list[object]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(
            "SELECT address, pool, state, container_id, answer FROM lease ORDER BY 1"
        ).fetchall()


def test_every_problem_says_what_to_do(used: str) -> None:
    damage(used, "UPDATE lease SET answer = '{' WHERE address = x'0a000005'")
    (one,) = checked(used)
    assert (one.address, one.pool) == ("10.0.0.5", "a")
    assert one.hint == (
        "see `poolweaver ip show 10.0.0.5`; once nothing uses the address any more, `poolweaver "
        "ip release --force 10.0.0.5`"
    )


def test_a_rebuilt_index_gives_nobody_a_held_address(used: str) -> None:
    damage(used, "DELETE FROM node; UPDATE pool_usage SET allocated = 0")
    assert [one.what for one in rebuilt(used)] == ["bitmap", "bitmap", "counts", "counts", "counts"]
    with open_store(used) as store:
        addresses = [claim(store, f"n{i}", "a") for i in range(5)]
        assert addresses == [*(f"10.0.0.{i}" for i in range(6, 10)), "10.0.0.4"]  # .4 rested
        assert claim(store, "n9", "a") == NoneLeft(4)
        assert check(store) == []


def test_what_a_release_mends_is_whole_again(used: str) -> None:
    damage(
        used,
        "DROP INDEX lease_by_attachment;"
        "UPDATE lease SET container_id = 'c0' WHERE address = x'0a000005'",
    )
    with open_store(used) as store:
        assert rebuild(store) == []
        lease = store.leases.by_address(4, 0x0A000005)
        assert lease is not None
        run(store, LetGo([lease], "it is damaged"))
        assert [one.what for one in rebuild(store)] == ["index-missing"]
        assert check(store) == []


def test_a_check_waits_for_nobody_and_a_rebuild_not_for_ever(used: str) -> None:
    damage(used, "DELETE FROM pool_usage")
    with open_store(used, 0.05) as store, open_store(used) as other, other.database.transaction():
        other.database.run("DELETE FROM node")
        assert {one.what for one in check(store)} == {"counts"}
        with pytest.raises(StoreBusyError):
            rebuild(store)
    assert {one.what for one in checked(used)} == {"counts", "bitmap"}


def test_damaged_pages_are_found_and_left_alone(used: str) -> None:
    with open_store(used) as store:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'journal'"
        ((page,),) = store.database.rows(query)
    with Path(used).open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    problems = checked(used)
    assert {one.what for one in problems} == {"file-damaged"}
    assert {one.remedy for one in problems} == {"restore"}
    assert rebuilt(used) == []

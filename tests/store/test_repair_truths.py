"""What `check` finds wrong of what nothing else tells: `rebuild` leaves it alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from tests.store.damaged import MISCOUNTED, Damage, checked, damage, rebuilt, told, used

__all__ = ["used"]

WITHOUT_JOURNAL = (
    "event, family, address, pool, node, network, container_id, ifname, pod_namespace, pod_name, "
    "pod_uid, tenant, rules_digest, decision"
)
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


@pytest.mark.parametrize("case", TRUTHS, ids=lambda case: case.name)
def test_damage_to_what_cannot_be_derived_is_named(used: str, case: Damage) -> None:
    damage(used, case.script)
    assert told(checked(used)) == list(case.problems)


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

"""Many processes at once, and processes that are killed: promises 1, 2 and 4 of the store."""

from __future__ import annotations

import random
import signal
import time

from store.create import create_store
from store.repair import check
from store.store import open_store
from tests.store.build import pool, write
from tests.store.processes import finish, start

CLAIM_UNTIL_NONE_LEFT = """
from store.store import open_store
from tests.store.build import claim
with open_store(sys.argv[1], busy_seconds=60) as store:
    sys.stdin.readline()
    for i in range(1000):
        given = claim(store, f"{sys.argv[2]}-{i}", "a", "b")
        print(given)
        if not isinstance(given, str):
            break
"""


def test_sixteen_processes_share_two_hundred_addresses_without_a_duplicate(path: str) -> None:
    with create_store(path) as store:
        write(store, pool("a", "10.0.0.1-10.0.0.120"), pool("b", "10.1.0.1-10.1.0.80"))
    processes = [start(CLAIM_UNTIL_NONE_LEFT, path, place) for place in range(16)]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    outputs = [finish(process).split("\n")[:-1] for process in processes]
    given = [line for output in outputs for line in output[:-1]]
    expected = [f"10.0.0.{i}" for i in range(1, 121)] + [f"10.1.0.{i}" for i in range(1, 81)]
    assert sorted(given) == sorted(expected)
    assert {output[-1] for output in outputs} == {"NoneLeft(family=4)"}
    with open_store(path) as store:
        assert check(store) == []


CHURN = """
import random
from model.addresses import address_text
from store.store import open_store
from tests.store.build import NOW, attachment, both, claim_of, pool, run, take_over, holder, write
from model.leases import Claimed, Release
chance = random.Random(int(sys.argv[2]))
store = open_store(sys.argv[1], busy_seconds=60)
print("ready", flush=True)
for step in range(100000):
    name, now = f"{sys.argv[2]}-{chance.randrange(30)}", NOW + step
    choice = chance.randrange(10)
    if choice < 5:
        outcome = run(store, both(store, name, who=holder("p", name)), now)
        if isinstance(outcome, Claimed):
            print("+", name, *[one.answer.address for one in outcome.leases], flush=True)
    elif choice < 8:
        print("?", name, flush=True)
        run(store, Release(attachment(name)), now)
        print("-", name, flush=True)
    else:
        last = chance.randrange(60, 99)
        write(store, pool("a", f"10.0.0.1-10.0.0.{last}", quarantine=5), now=now)
"""


def test_a_killed_process_loses_nothing_it_answered_and_leaves_nothing_half_done(path: str) -> None:
    with create_store(path) as store:
        write(
            store,
            pool("a", "10.0.0.1-10.0.0.99", quarantine=5),
            pool("six", "fd00::1-fd00::ff", subnet="fd00::/64", quarantine=5),
        )
    chance = random.Random(7)
    for life in range(30):
        process = start(CHURN, path, life)
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.0, 0.08))
        process.send_signal(signal.SIGKILL)
        output = process.stdout.read()
        process.communicate(timeout=60)
        told, doubtful = {}, set()
        for line in output.split("\n")[:-1]:
            sign, name, *addresses = line.split()
            doubtful.discard(name)
            if sign == "+":
                told[name] = addresses
            elif sign == "?":
                doubtful.add(name)
            else:
                told.pop(name, None)
        with open_store(path) as store:
            assert check(store) == []
            held: dict[str, list[str]] = {}
            for lease in store.leases.by_pool("a") + store.leases.by_pool("six"):
                if lease.state == "bound":
                    held.setdefault(lease.attachment.container_id, []).append(lease.answer.address)
            assert all(len(addresses) == 2 for addresses in held.values())
            for name, addresses in told.items():
                if name not in doubtful:
                    assert held.get(name) == addresses

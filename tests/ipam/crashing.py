"""Workers that do ADD and DEL at full speed and are killed at any moment, over and over.

Run as a program of its own, which forks and has no threads:

    python -m tests.ipam.crashing FOLDER SEED KILLS

Each worker writes a line before and after each call, so that what was answered is known outside:

    A c1 ?              c1 is about to be added
    A c1 TIME X Y       c1 was answered the addresses X and Y
    D c1 TIME           c1 is about to be deleted
    D c1 ok             c1 was answered that it holds nothing any more

Prints what of the promises did not hold, one a line, and at the end what was done, as JSON.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from ipam.allocate import allocate
from ipam.reconcile import RELEASED, reconcile
from ipam.release import release
from ipam.request import Request
from model.facts import PodFacts
from model.leases import Attachment
from store.repair import check
from store.store import Store, open_store
from tests.ipam.calls import environment, k8s, make_store, namespace, network, pod, pool
from tests.ipam.promises import Promises

SLOTS, CONTAINERS, PLUGINS = 6, 4, 30
UNHEARD = "unheard"  # the container of one ADD in each round whose answer nobody hears
ROUND = 100  # kills between two looks at the store
PAUSE_SECONDS = 0.02  # at most, between two kills
PLUGIN_SECONDS = 0.25  # a whole process lives no longer than this, or ends before
ROOT = Path(__file__).resolve().parents[2]
PLUGIN = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r}); from ipam.plugin import main; sys.exit(main())"
)


def attachment(name: str) -> Attachment:
    """That of a container; its Pod has its name."""
    return Attachment("node1", "net0", name, "eth0")


def request(name: str) -> Request:
    """What a runtime asks for a container."""
    return Request(attachment(name), "default", name, f"uid-{name}")


class Worker:
    """One life of one slot: it knows nothing of the lives before."""

    def __init__(self, db: Path, log: Path, slot: int, seed: str) -> None:
        self._db = str(db)
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._names = [f"s{slot}-{place}" for place in range(CONTAINERS)]
        self._chance = random.Random(seed)

    def live(self) -> None:
        """Calls without end."""
        while True:
            with open_store(self._db, 600) as store:
                for _ in range(self._chance.choice((1, 1, 8))):
                    self._call(store)

    def die_unheard(self, name: str) -> None:
        """One ADD, and killed before its answer is heard."""
        self._say(f"A {name} ?")
        with open_store(self._db, 600) as store:
            allocate(store, request(name), int(time.time()))
            os.kill(os.getpid(), signal.SIGKILL)

    def _call(self, store: Store) -> None:
        name = self._chance.choice(self._names)
        if self._chance.random() < 0.5:
            self._say(f"A {name} ?")
            given = allocate(store, request(name), int(time.time()))
            addresses = [lease.answer.address for lease in given.leases]
            self._say(" ".join(["A", name, str(time.monotonic_ns()), *addresses]))
        else:
            self._say(f"D {name} {time.monotonic_ns()}")
            release(store, attachment(name), int(time.time()))
            self._say(f"D {name} ok")

    def _say(self, line: str) -> None:
        os.write(self._log, f"{line}\n".encode())


class Plugin:
    """One whole process of the plugin that does an ADD, killed when its time is over."""

    def __init__(self, folder: Path, db: Path, name: str, lives_seconds: float) -> None:
        self.name = name
        self._ends = time.monotonic() + lives_seconds
        self._answer = folder / f"{name}.json"
        config = json.dumps(network(db, log_level="error")).encode()
        with self._answer.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", PLUGIN],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=subprocess.DEVNULL,
                env={**environment("ADD", name, args=k8s(name, uid=f"uid-{name}"))},
            )
        assert self._process.stdin is not None
        self._process.stdin.write(config)
        self._process.stdin.close()

    def over(self, *, at_once: bool = False) -> bool:
        """Whether it ended, or was killed now."""
        if self._process.poll() is None and not at_once and time.monotonic() < self._ends:
            return False
        self._process.kill()
        self._process.wait()
        return True

    def lines(self) -> list[str]:
        """What a worker would have written."""
        text = self._answer.read_text(encoding="utf-8")
        lines = [f"A {self.name} ?"]
        if text.endswith("\n"):
            ips = [one["address"] for one in json.loads(text)["ips"]]
            lines.append(" ".join(["A", self.name, str(time.monotonic_ns()), *ips]))
        return lines


class Harness:
    """Starts, kills, and looks at what is left."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._seed = folder, seed
        self._chance = random.Random(seed)
        self._lives = [0] * SLOTS
        self._workers: dict[int, int] = {}
        self._plugins: list[Plugin] = []
        self._started = 0
        self._logs: dict[int, IO[str]] = {}
        self.promises = Promises()
        self.kills = self.half_done = 0
        names = [f"s{slot}-{place}" for slot in range(SLOTS) for place in range(CONTAINERS)]
        names += [UNHEARD, *[f"p{number}" for number in range(PLUGINS)]]
        manifests = pool("a", "10.0.0.1-10.0.0.70", default=True)
        manifests += pool("six", "fd00::1-fd00::ff", subnet="fd00::/64", default=True)
        manifests += namespace("default") + "".join(pod(name) for name in names)
        self._db = make_store(folder / "ipam.db", manifests)
        with open_store(str(self._db)) as store:
            store.settings.set("quarantine_seconds", "1")

    def run(self, kills: int) -> None:
        """Rounds of kills, each with a look at the end."""
        while self.kills < kills:
            until = min(kills, self.kills + ROUND)
            self._start(0, dies_unheard=True)
            os.waitpid(self._workers[0], 0)
            self.kills += 1
            for slot in range(SLOTS):
                self._start(slot)
            self._await_answers()
            while self.kills < until - SLOTS:
                time.sleep(self._chance.uniform(0, PAUSE_SECONDS))
                slot = self._chance.randrange(SLOTS)
                self._kill(slot)
                self._start(slot)
                self._turn_plugins()
            for slot in range(SLOTS):
                self._kill(slot)
            self._turn_plugins(at_once=True)
            self._look()

    def _await_answers(self) -> None:
        """Each slot has been answered at least once, however slow the machine is."""
        for slot in range(SLOTS):
            log = self._folder / f"slot{slot}.log"
            while not log.exists() or log.read_text(encoding="utf-8").count("\n") < 4:
                time.sleep(PAUSE_SECONDS)

    def _start(self, slot: int, *, dies_unheard: bool = False) -> None:
        self._lives[slot] += 1
        log = self._folder / f"slot{slot}.log"
        child = os.fork()
        if child:
            self._workers[slot] = child
            return
        try:
            seed = f"{self._seed} {slot} {self._lives[slot]}"
            worker = Worker(self._db, log, slot, seed)
            if dies_unheard:
                worker.die_unheard(UNHEARD)
            worker.live()
        except BaseException as error:  # noqa: BLE001
            sys.stdout.write(f"a worker failed: {error!r}\n")
            sys.stdout.flush()
        finally:
            os._exit(1)

    def _kill(self, slot: int) -> None:
        os.kill(self._workers[slot], signal.SIGKILL)
        os.waitpid(self._workers[slot], 0)
        self.kills += 1

    def _turn_plugins(self, *, at_once: bool = False) -> None:
        for plugin in [one for one in self._plugins if one.over(at_once=at_once)]:
            self._plugins.remove(plugin)
            self.promises.hear_all(plugin.lines())
        if self._started < PLUGINS and not self._plugins and not at_once:
            lives = self._chance.uniform(0.02, PLUGIN_SECONDS)
            self._plugins.append(Plugin(self._folder, self._db, f"p{self._started}", lives))
            self._started += 1

    def _look(self) -> None:
        for slot in range(SLOTS):
            log = self._folder / f"slot{slot}.log"
            file = self._logs.setdefault(slot, log.open(encoding="utf-8"))
            self.promises.hear_all(file.read().splitlines())
        with open_store(str(self._db)) as store:
            found = [str(one) for one in check(store)]
            found += self.promises.broken(held(store))
            found += self._reconcile(store)
            found += [str(one) for one in check(store)]
        sys.stdout.writelines(f"after {self.kills} kills: {line}\n" for line in found)

    def _reconcile(self, store: Store) -> list[str]:
        """The Pods that run are those that were answered; what others hold is to be found."""
        certain = self.promises.certain()
        pods = [store.facts.pod("default", name, "") for name in certain]
        known = [one for one in pods if isinstance(one, PodFacts)]
        now = int(time.time())
        reconcile(store, known, now, grace_seconds=0, force=True)
        report = reconcile(store, known, now, grace_seconds=0, force=True)
        self.half_done += sum(one.action == RELEASED for one in report.leases)
        self.promises.settle()
        left = held(store)
        return [] if left == certain else [f"reconcile left {left}, and answered was {certain}"]


def held(store: Store) -> dict[str, frozenset[str]]:
    """The addresses of each container that are bound."""
    found: dict[str, set[str]] = {}
    for name in ("a", "six"):
        for lease in store.leases.by_pool(name):
            if lease.state == "bound":
                container = lease.attachment.container_id
                found.setdefault(container, set()).add(lease.answer.address)
    return {name: frozenset(addresses) for name, addresses in found.items()}


def main(folder: Path, seed: int, kills: int) -> None:
    """All kills, then one line of what was done."""
    harness = Harness(folder, seed)
    harness.run(kills)
    done = {
        "kills": harness.kills,
        "answers": harness.promises.answers,
        "half done": harness.half_done,
    }
    sys.stdout.write(json.dumps(done) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

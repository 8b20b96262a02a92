"""A bit that a disk flips: whatever it hits, there is an answer or one of our errors."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from model.errors import StoreError
from store.create import create_store
from store.repair import check
from store.store import Store, open_store
from tests.store.build import claim, holder, pool, release, reserved, write

FLIPS = 40
CODES = {"done", "store-damaged", "store-failed", "store-foreign", "store-schema", "store-missing"}


@pytest.fixture
def content(path: str) -> bytes:
    with create_store(path) as store:
        write(store, pool("a", "10.0.0.1-10.0.0.9"), objects=[reserved("r", "10.0.0.1")])
        for i in range(3):
            claim(store, f"c{i}", "a", who=holder(f"web-{i}", "u"))
    return Path(path).read_bytes()


def look(store: Store) -> object:
    everything = [store.leases.by_pool("a"), store.pools.list(), store.settings.all()]
    return [*everything, store.objects.list("SpiderReservedIP"), store.pools.usage(["a"])]


@pytest.mark.parametrize("seed", range(6))
def test_a_flipped_bit_gives_an_answer_or_one_of_our_errors(
    path: str, content: bytes, seed: int
) -> None:
    chosen = random.Random(seed)
    written = [place for place, byte in enumerate(content) if byte]
    operations = (check, look, lambda one: claim(one, "new", "a"), lambda one: release(one, "c1"))
    for _ in range(FLIPS):
        place, bit = chosen.choice(written), chosen.randrange(8)
        flipped = bytearray(content)
        flipped[place] ^= 1 << bit
        for companion in ("-wal", "-shm"):
            Path(path + companion).unlink(missing_ok=True)
        Path(path).write_bytes(flipped)
        for operation in operations:
            assert outcome(path, operation) in CODES, (place, bit)


def outcome(path: str, operation: Callable[[Store], object]) -> str:
    """The code of the error that an operation ends with; `done` for none."""
    try:
        with open_store(path) as store:
            operation(store)
    except StoreError as error:
        return error.code
    return "done"


PARTS = [
    ("UPDATE lease SET answer = '{'", "a lease"),
    ("UPDATE pool SET body = '{}'", "a pool"),
    ("UPDATE object SET facts = '['", "an object"),
]


@pytest.mark.parametrize(("damage", "what"), PARTS, ids=[row[1] for row in PARTS])
def test_a_row_without_sense_is_damage_that_the_check_names(
    path: str, content: bytes, damage: str, what: str
) -> None:
    with open_store(path) as store:
        store.database.run(damage)
        with pytest.raises(StoreError) as caught:
            look(store)
        assert (caught.value.code, caught.value.message, caught.value.hint) == (
            "store-damaged",
            f"the store has {what} that cannot be read",
            "`poolweaver check-store` says which, and what to do",
        )
        assert check(store) != []

"""`check` and `rebuild` as a whole: what they leave alone, and how they live with others."""

from __future__ import annotations

from pathlib import Path

import pytest

from model.errors import StoreBusyError
from model.leases import LetGo, NoneLeft
from store.repair import check, examine, rebuild
from store.store import open_store
from tests.store.build import claim, run
from tests.store.damaged import checked, damage, rebuilt, used

__all__ = ["used"]


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

"""The journal read as intervals: who held an address, and what can no longer be said."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipam.holdings import Holding, answer, holdings_of
from model.journal import JournalEntry
from model.leases import Attachment, Holder

ADDRESS = 0x0A000001


def entry(at: int, event: str, pod: str = "a", sandbox: str = "", why: str = "why") -> JournalEntry:
    at_what = Attachment("node1", "net", sandbox or f"{pod}-1", "eth0")
    who = Holder("shop", pod, "", f"pod/shop/{pod}")
    return JournalEntry(at, event, 4, ADDRESS, "p", at_what, who, "d" * 64, why)


def short(one: Holding) -> tuple[object, ...]:
    name, sandbox = one.holder.pod_name, one.attachment.container_id
    return name, sandbox, one.state, one.from_seconds, one.to_seconds, one.ended, one.end_reason


LIVES = {
    "claimed": ([entry(1, "claimed")], [("a", "a-1", "bound", 1, None, "", "")]),
    "claimed and released": (
        [entry(1, "claimed"), entry(5, "released")],
        [("a", "a-1", "bound", 1, 5, "released", "")],
    ),
    "let go of by somebody else, who said why": (
        [entry(1, "claimed"), entry(5, "released", why="the Pod is gone")],
        [("a", "a-1", "bound", 1, 5, "released", "the Pod is gone")],
    ),
    "taken over by the next sandbox": (
        [
            entry(1, "claimed"),
            entry(3, "taken-over", sandbox="a-2"),
            entry(5, "released", "a", "a-2"),
        ],
        [
            ("a", "a-1", "bound", 1, 3, "taken-over", ""),
            ("a", "a-2", "bound", 3, 5, "released", ""),
        ],
    ),
    "taken back while it rested": (
        [entry(1, "claimed"), entry(5, "released"), entry(7, "taken-over", sandbox="a-2")],
        [("a", "a-1", "bound", 1, 5, "released", ""), ("a", "a-2", "bound", 7, None, "", "")],
    ),
    "kept between two sandboxes": (
        [
            entry(1, "claimed"),
            entry(5, "kept"),
            entry(7, "taken-over", sandbox="a-2"),
            entry(9, "kept", sandbox="a-2", why="the Pod is gone"),
            entry(11, "released", sandbox="a-2", why="scaled down"),
        ],
        [
            ("a", "a-1", "bound", 1, 5, "kept", ""),
            ("a", "a-1", "kept", 5, 7, "taken-over", ""),
            ("a", "a-2", "bound", 7, 9, "kept", "the Pod is gone"),
            ("a", "a-2", "kept", 9, 11, "released", "scaled down"),
        ],
    ),
    "rested, then given on": (
        [
            entry(1, "claimed"),
            entry(5, "released"),
            entry(9, "reclaimed"),
            entry(9, "claimed", "b"),
        ],
        [("a", "a-1", "bound", 1, 5, "released", ""), ("b", "b-1", "bound", 9, None, "", "")],
    ),
    "rested until its pool was deleted": (
        [entry(1, "claimed"), entry(5, "released"), entry(9, "reclaimed")],
        [("a", "a-1", "bound", 1, 5, "released", "")],
    ),
    "all in one second": (
        [entry(1, "claimed"), entry(1, "released"), entry(1, "claimed", "b")],
        [("a", "a-1", "bound", 1, 1, "released", ""), ("b", "b-1", "bound", 1, None, "", "")],
    ),
    "a clock that was set back": (
        [entry(9, "claimed"), entry(5, "released")],
        [("a", "a-1", "bound", 9, 9, "released", "")],
    ),
    "begun before the journal, and released": (
        [entry(5, "released")],
        [("a", "a-1", "", None, 5, "released", "")],
    ),
    "begun before the journal, and kept": (
        [entry(5, "kept")],
        [("a", "a-1", "bound", None, 5, "kept", ""), ("a", "a-1", "kept", 5, None, "", "")],
    ),
    "taken over before the journal tells from whom": (
        [entry(5, "taken-over")],
        [("a", "a-1", "bound", 5, None, "", "")],
    ),
    "given on before the journal tells of whom": ([entry(5, "reclaimed")], []),
    "nothing": ([], []),
}


@pytest.mark.parametrize("name", LIVES)
def test_a_life_is_read_as_intervals(name: str) -> None:
    entries, expected = LIVES[name]
    assert [short(one) for one in holdings_of(entries)] == expected


def test_the_decision_of_a_kept_address_is_that_of_its_claim() -> None:
    entries = [entry(1, "claimed", why="matched"), entry(5, "kept", why="the Pod is gone")]
    assert [one.decision for one in holdings_of(entries)] == ["matched", "matched"]


def told(entries: Sequence[JournalEntry], known_from: int | None, *when: int) -> tuple[object, ...]:
    """(names of the holders, last before, first after, known) of `[start, end)`."""
    start, end = when if len(when) == 2 else (when[0], when[0] + 1)
    found = answer(entries, known_from, start, end)
    names = [one.holder.pod_name for one in found.holdings]
    before, after = (one and one.holder.pod_name for one in (found.before, found.after))
    return names, before, after, found.known


STORY = [
    entry(10, "claimed", "a"),
    entry(20, "released", "a"),
    entry(30, "reclaimed", "a"),
    entry(30, "claimed", "b"),
    entry(40, "released", "b"),
    entry(50, "claimed", "c"),
]
WHOLE = {
    5: ([], None, "a", False),  # before the journal begins
    10: (["a"], None, "b", True),
    19: (["a"], None, "b", True),
    20: ([], "a", "b", True),
    29: ([], "a", "b", True),
    30: (["b"], "a", "c", True),
    45: ([], "b", "c", True),
    99: (["c"], "b", None, True),
}


@pytest.mark.parametrize("at", WHOLE)
def test_a_whole_journal_knows_the_holder_and_its_neighbours(at: int) -> None:
    assert told(STORY, 10, at) == WHOLE[at]


def test_a_day_has_all_its_holders() -> None:
    assert told(STORY, 10, 15, 35) == (["a", "b"], None, "c", True)
    assert told(STORY, 10, 0, 35) == (["a", "b"], None, "c", False)
    assert told(STORY, 10, 20, 30) == ([], "a", "b", True)


def test_one_that_ended_in_the_second_in_which_it_began_is_told_of_that_second() -> None:
    story = [entry(10, "claimed"), entry(10, "released")]
    assert told(story, 1, 9) == ([], None, "a", True)
    assert told(story, 1, 10) == (["a"], None, None, True)
    assert told(story, 1, 11) == ([], "a", None, True)


def test_an_address_that_never_changed_was_nobodys_as_far_as_the_journal_goes() -> None:
    assert told([], 10, 10) == ([], None, None, True)
    assert told([], 10, 9) == ([], None, None, False)
    assert told([], None, 9) == ([], None, None, False)


def test_what_was_pruned_is_never_called_nobodys() -> None:
    rest = STORY[1:]  # the claim at 10 is gone, and so may be others up to 15
    assert told(rest, 15, 14) == ([], None, "a", False)
    assert told(rest, 15, 15) == (["a"], None, "b", True)
    assert told(rest, 15, 20) == ([], "a", "b", True)
    assert told(rest, 25, 19) == ([], None, "a", False)
    assert told(rest, 25, 20) == ([], "a", "b", True)  # all since its first entry is known
    assert told(STORY[2:], 25, 26) == ([], None, "b", True)
    assert told(STORY[2:], 35, 26) == ([], None, "b", False)


def test_who_had_an_address_before_a_take_over_is_not_guessed() -> None:
    story = [entry(20, "taken-over"), entry(30, "released")]
    assert told(story, 15, 16) == ([], None, "a", False)
    assert told(story, 15, 20) == (["a"], None, None, True)


# --- whatever happens, and whatever of it is forgotten

NEXT = {  # state -> what may happen to it: (event, state)
    "free": [("claimed", "bound")],
    "bound": [("taken-over", "bound"), ("kept", "kept"), ("released", "resting"), ("released", "free")],
    "kept": [("taken-over", "bound"), ("released", "resting"), ("released", "free")],
    "resting": [("taken-over", "bound"), ("reclaimed", "free")],
}  # fmt: skip


@st.composite
def stories(draw: st.DrawFn) -> list[JournalEntry]:
    """What may happen to one address; no two changes in one second, so that a second has one holder."""
    state, pod, sandbox, at, story = "free", 0, 0, 10, []
    for _ in range(draw(st.integers(1, 12))):
        event, state = draw(st.sampled_from(NEXT[state]))
        pod += event == "claimed"
        sandbox += event in ("claimed", "taken-over")
        at += draw(st.integers(1, 4))
        story.append(entry(at, event, f"pod-{pod}", f"box-{sandbox}"))
    return story


@given(stories(), st.data())
def test_a_pruned_journal_says_what_the_whole_one_said_or_that_it_does_not_know(
    story: list[JournalEntry], data: st.DataObject
) -> None:
    over = story[-1].event in ("released", "reclaimed")  # else it is what a live lease points to
    cut = data.draw(st.integers(0, len(story) - (not over)))
    rest = story[cut:]
    earliest = story[cut - 1].at_seconds + 1 if cut else 0
    known_from = max(5, data.draw(st.integers(earliest, earliest + 10)))
    for at in range(story[-1].at_seconds + 3):
        whole = answer(story, 5, at, at + 1)
        pruned = answer(rest, known_from, at, at + 1)
        names = [(one.holder, one.attachment) for one in pruned.holdings]
        if pruned.known:
            assert names == [(one.holder, one.attachment) for one in whole.holdings]
        assert names in ([], [(one.holder, one.attachment) for one in whole.holdings])
        if at >= known_from and not pruned.known:
            assert rest[0].event == "taken-over"

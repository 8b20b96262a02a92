"""Turns, quantiles, comparison and the page, on figures that are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.measuring import Figures, Group, Variant, measure, quantile
from bench.page import duration, rewrite, section
from bench.runs import Limits, Run, load, regressions, save


def figures(name: str, median: float, ratio: float, group: str = "g") -> Figures:
    return Figures(group, name, 3, median, median, median, ratio)


def run_of(*rows: Figures) -> Run:
    return Run("p", "2 cores", list(rows), {"g": [("memory", "3 MB")]})


def test_variants_take_turns_and_the_rounds_of_warming_up_do_not_count() -> None:
    turns: list[tuple[str, int]] = []

    def variant(name: str, seconds: float) -> Variant:
        def run(number: int) -> float:
            turns.append((name, number))
            return seconds if number else 1000.0

        return Variant(name, run)

    group = Group("g", [variant("a", 2.0), variant("b", 3.0)], "a")
    rows = measure(group, rounds=2, warm_up=1)
    assert turns == [("a", 0), ("b", 0), ("a", 1), ("b", 1), ("a", 2), ("b", 2)]
    assert rows == [
        Figures("g", "a", 2, 2.0, 2.0, 2.0, 1.0),
        Figures("g", "b", 2, 3.0, 3.0, 3.0, 1.5),
    ]


def test_a_round_may_give_many_samples() -> None:
    variant = Variant("a", lambda number: [float(number), 10.0])
    (row,) = measure(Group("g", [variant], "a"), rounds=3, warm_up=0)
    assert row == Figures("g", "a", 6, 6.0, 10.0, 10.0, 1.0)


@pytest.mark.parametrize(("part", "value"), [(0.5, 50.0), (0.95, 95.0), (0.99, 99.0), (1.0, 100.0)])
def test_a_quantile_is_a_value_that_was_measured(part: float, value: float) -> None:
    assert quantile([float(number) for number in range(100, 0, -1)], part) == value


def test_a_run_reads_back_as_it_was_saved(tmp_path: Path) -> None:
    run = run_of(figures("a", 1.0, 1.0))
    save(run, tmp_path / "run.json")
    assert load(tmp_path / "run.json") == run


def test_a_file_of_another_kind_is_no_run(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match="is no run of this version"):
        load(tmp_path / "other.json")


LIMITS = Limits(0.1, 20e-6)
BEFORE = run_of(figures("base", 1.0, 1.0), figures("ours", 2.0, 2.0))
ROWS = [
    ("as before", [figures("base", 1.0, 1.0), figures("ours", 2.0, 2.0)], []),
    ("within the threshold", [figures("base", 1.0, 1.0), figures("ours", 2.19, 2.19)], []),
    (
        "beyond it",
        [figures("base", 1.0, 1.0), figures("ours", 2.3, 2.3)],
        ["g / ours: +15%, 2.3 times its baseline where it was 2"],
    ),
    ("all of the machine is slower", [figures("base", 3.0, 1.0), figures("ours", 6.0, 2.0)], []),
    (
        "a faster machine hides nothing",
        [figures("base", 0.5, 1.0), figures("ours", 2.0, 4.0)],
        ["g / ours: +100%, 4 times its baseline where it was 2"],
    ),
    ("slower by too little time", [figures("base", 1e-5, 1.0), figures("ours", 3.9e-5, 3.9)], []),
    (
        "another set of variants",
        [figures("base", 1.0, 1.0), figures("new", 1.0, 1.0)],
        ["g / ours: not measured in this run", "g / new: not measured in the run before"],
    ),
]


@pytest.mark.parametrize(("rows", "lines"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_what_became_slower_is_told_by_ratios(rows: list[Figures], lines: list[str]) -> None:
    assert regressions(BEFORE, run_of(*rows), LIMITS) == lines


def test_a_section_is_rewritten_in_its_place_and_all_else_stays(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\nprose\n", encoding="utf-8")
    rewrite(page, "one", "first\n")
    rewrite(page, "two", "second\n")
    rewrite(page, "one", r"\1 anew" + "\n")
    assert page.read_text(encoding="utf-8") == (
        "# Page\n\nprose\n\n<!-- bench one -->\n\\1 anew\n<!-- bench one end -->\n\n"
        "<!-- bench two -->\nsecond\n<!-- bench two end -->\n"
    )


def test_a_section_says_what_was_measured_how_and_where() -> None:
    run = run_of(figures("base", 0.25, 1.0), figures("ours", 1.5e-6, 6e-6))
    assert section(run, "Title", "Prose.", "python -m bench.p") == (
        "## Title\n\nProse.\n\nWritten by `python -m bench.p` on 2 cores.\n\n### g\n\n"
        "| variant | median | p95 | p99 | ratio | samples |\n|---|--:|--:|--:|--:|--:|\n"
        "| base | 250 ms | 250 ms | 250 ms | 1 | 3 |\n"
        "| ours | 1.5 µs | 1.5 µs | 1.5 µs | 6e-06 | 3 |\n\n"
        "| also | |\n|---|--:|\n| memory | 3 MB |\n"
    )


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (12.3456, "12.3 s"),
        (0.25, "250 ms"),
        (1e-3, "1 ms"),
        (4.5e-5, "45 µs"),
        (2e-9, "2 ns"),
        (1234.0, "1234 s"),
    ],
)
def test_a_duration_has_the_unit_that_suits_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text

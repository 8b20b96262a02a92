"""What Tab offers: commands, paths, names, and what occurs in the loaded data."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.repl.all_commands import all_commands
from cli.repl.completion import complete
from cli.repl.language import parse_session
from cli.repl.vocabulary import Vocabulary
from cli.repl.world import Source, World
from tests.cli.repl.transcripts import HERE

REGISTRY = all_commands()
POOLS = ["blue", "cache", "named", "never", "red", "rest", "six"]


@pytest.fixture(scope="module")
def words() -> Vocabulary:
    world = World(Source("nowhere.db", (str(HERE / "world"),)), 0)
    found = Vocabulary(world)
    world.close()
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("wh", (2, ["why", "why-not"]), id="a command"),
        pytest.param(":un", (3, [":unset", ":unknown"]), id="with its colon"),
        pytest.param("unse", (4, [":unset"]), id="or without"),
        pytest.param("match; ran", (3, ["rank"]), id="behind another statement"),
        pytest.param("match\nran", (3, ["rank"]), id="on another line"),
        pytest.param("match; ", (0, list(REGISTRY.commands)), id="none begun"),
        pytest.param("why ", (0, POOLS), id="pools"),
        pytest.param("diff blue r", (1, ["red", "rest"]), id="a second pool"),
        pytest.param(":pod shop/w", (6, ["shop/web-1"]), id="Pods"),
        pytest.param(
            ":set pod.l", (5, ["pod.label.", "pod.label.app=", "pod.label.tier="]), id="a subject"
        ),
        pytest.param(
            ":set pod.label.", (10, ["pod.label.app=", "pod.label.tier="]), id="label keys"
        ),
        pytest.param(
            ":set pod.label.app=c",
            (15, ["pod.label.app=cache", "pod.label.app=cart"]),
            id="values of Pods and of pools",
        ),
        pytest.param(":break zo", (2, ["zone"]), id="keys for breakpoints"),
        pytest.param(":help di", (2, ["diff"]), id="help of a command"),
        pytest.param(":watch o", (1, ["off", "on"]), id="switches"),
        pytest.param(
            "eval pod.la", (6, ['pod.label["app"]', 'pod.label["tier"]']), id="facts in rules"
        ),
        pytest.param('eval pod.label["app"] = "w', (1, ["web"]), id="a value in a rule"),
        pytest.param(
            'eval { require pod.label["app"] in {"web", "c',
            (1, ["cache", "cart"]),
            id="one of a set",
        ),
        pytest.param("nothing ", (0, []), id="no command"),
        pytest.param("why nothing", (7, []), id="no pool"),
    ],
)
def test_tab_offers_what_fits(
    words: Vocabulary, text: str, expected: tuple[int, list[str]]
) -> None:
    assert complete(REGISTRY, words, text) == expected


def test_files_are_offered_to_load(
    words: Vocabulary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pools").mkdir()
    (tmp_path / "pools" / "a.yaml").touch()
    (tmp_path / ".hidden").touch()
    monkeypatch.chdir(tmp_path)
    assert complete(REGISTRY, words, ":load ") == (0, ["pools/"])
    assert complete(REGISTRY, words, ":load pools/a") == (7, ["pools/a.yaml"])
    assert complete(REGISTRY, words, ":load nowhere/a") == (9, [])


def test_whatever_is_offered_is_read_back_as_one_word(words: Vocabulary) -> None:
    for text in ("why ", ":set pod.label.app=", ":unset "):
        count, offered = complete(REGISTRY, words, text)
        assert offered
        for word in offered:
            (statement,) = parse_session(text[: len(text) - count] + word).statements
            assert statement.words() == [word]

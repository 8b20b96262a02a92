"""The tables of the documents are complete: each says what the code says, no more and no less."""

from __future__ import annotations

import io
import json
import re

import click

from cli.kinds import ALIASES, CLUSTER_SCOPED
from cli.main import COMMANDS, command
from ipam.agent.log import AgentLog
from ipam.agent.metrics import METRICS
from ipam.cni import SINCE, UNAVAILABLE
from ipam.cni_config import KEYS, VERSIONS, parse_config
from ipam.cni_environment import VERBS
from ipam.cni_result import error_result
from model import errors
from model.decisions import Candidate, CheckResult, Decision, FamilyDecision, Refusal
from model.errors import CNI_CODES, CODES, EDGES, NotFoundError
from policy.annotations import LINT_IGNORE, PRIORITY, QUARANTINE, REQUIRE
from store.settings import DEFAULTS
from tests.docs.console import ROOT, blocks_of


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


CLI, ERRORS, CNI = page("docs/cli.md"), page("docs/errors.md"), page("docs/cni.md")


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next of the same level."""
    level = heading.partition(" ")[0]
    pattern = rf"(?ms)^{re.escape(heading)}$(.*?)(?=^{level} |\Z)"
    match = re.search(pattern, text)
    assert match, heading
    return match[1]


def rows(text: str) -> list[list[str]]:
    """The cells of all table rows whose first cell is code, backticks of whole cells taken off."""
    lines = re.findall(r"(?m)^\| (`.*) \|$", text)
    return [[cell.strip() for cell in line.split(" | ")] for line in lines]


def codes_in(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_error_code_stands_below_its_class_with_its_exit_and_cni_code() -> None:
    written = {
        heading: {
            codes_in(code)[0]: (int(exit_code), int(cni_code))
            for code, exit_code, cni_code, *_ in rows(section(ERRORS, f"## `{heading}`"))
        }
        for heading in re.findall(r"(?m)^## `(\w+)`$", ERRORS)
    }
    edges = {kind.__name__: edge for kind, edge in EDGES.items()}
    assert written == {
        kind: {code: (edges[kind][0], CNI_CODES.get(code, edges[kind][1])) for code in codes}
        for kind, codes in CODES.items()
    }


def test_every_error_code_stands_once_and_says_what_it_means_and_what_to_do() -> None:
    listed = [row for row in rows(ERRORS) if len(row) == 5]
    names = [codes_in(row[0])[0] for row in listed]
    assert len(names) == len(set(names)) == sum(len(codes) for codes in CODES.values())
    assert all(all(row) for row in listed)


def test_the_keys_of_the_network_configuration_are_those_that_are_read() -> None:
    keys = [codes_in(row[0])[0] for row in rows(section(CNI, "## Keys under `ipam`"))]
    assert sorted(keys) == sorted(KEYS)


def test_the_cni_versions_are_those_that_are_answered() -> None:
    listed = re.search(r"(?m)^(`0\..*)$", section(CNI, "## Versions"))
    assert listed
    assert codes_in(listed[1]) == list(VERSIONS)


def test_the_cni_verbs_are_those_that_are_answered_and_say_since_when() -> None:
    since = {codes_in(row[0])[0]: codes_in(row[1])[0] for row in rows(section(CNI, "## Verbs"))}
    assert since == {verb: SINCE.get(verb, VERSIONS[0]) for verb in VERBS}


def test_every_option_of_the_agent_is_listed_with_its_default() -> None:
    table = rows(section(section(CNI, "## The agent"), "### Its options"))
    listed = {codes_in(name)[0]: default.strip("`") for name, default, _ in table}
    agent = command.get_command(click.Context(command), "agent")
    assert agent
    options = [one for one in agent.params if isinstance(one, click.Option)]
    assert listed == {
        one.opts[0]: str(one.default) if one.show_default else "none"
        for one in options
        if not one.is_eager
    }


def test_every_code_of_a_cni_error_is_listed() -> None:
    table = re.findall(r"(?m)^\| `(\d+)` \| \S.* \|$", section(CNI, "## Errors"))
    sent = {CNI_CODES.get(c, EDGES[getattr(errors, k)][1]) for k, cs in CODES.items() for c in cs}
    assert sorted(map(int, table)) == sorted(sent | {UNAVAILABLE})


def test_there_is_an_example_for_each_main_plugin_that_is_named() -> None:
    documents = [json.loads(block.text) for block in blocks_of(CNI) if block.language == "json"]
    types = {plugin["type"] for one in documents for plugin in one.get("plugins", [one])}
    headings = re.findall(r"(?m)^### (\w+)$", section(CNI, "## Under a main plugin"))
    assert headings == ["bridge", "ptp", "macvlan", "ipvlan"]
    assert set(headings) <= types


def test_every_metric_of_the_agent_is_listed_with_its_type_labels_and_meaning() -> None:
    table = rows(section(section(CNI, "## The agent"), "### Metrics"))
    listed = {
        codes_in(name)[0]: (kind, tuple(codes_in(labels)), text)
        for name, kind, labels, text in table
    }
    assert listed == METRICS


def test_every_key_of_the_agents_log_is_listed() -> None:
    out = io.StringIO()
    log = AgentLog("info", out)
    log.of({}).answered("ok", 1)
    log.flush()
    table = rows(section(section(CNI, "## The agent"), "### The agent's log"))
    assert [codes_in(row[0])[0] for row in table] == list(json.loads(out.getvalue()))


def test_every_network_configuration_is_accepted_without_a_warning() -> None:
    documents = [json.loads(block.text) for block in blocks_of(CNI) if block.language == "json"]
    plugins = [
        {"cniVersion": document["cniVersion"], "name": document["name"], **plugin}
        for document in documents
        for plugin in document.get("plugins", [document])
        if "ipam" in plugin
    ]
    assert plugins
    for plugin in plugins:
        assert list(parse_config(plugin).unknown_keys) == []


def test_the_fields_of_a_cni_error_are_those_that_are_sent() -> None:
    sent = error_result("1.1.0", NotFoundError("m", "h"))
    fields = [codes_in(row[0])[0] for row in rows(section(CNI, "## Errors"))]
    assert [field for field in fields if not field.isdigit()] == list(sent)


def test_every_setting_is_listed_with_its_default() -> None:
    listed = {codes_in(row[0])[0]: row[1] for row in rows(section(CLI, "## Settings"))}
    assert listed == {key: _default(value) for key, value in DEFAULTS.items()}


def _default(value: str | bool | int) -> str:
    if isinstance(value, bool):
        return "`on`" if value else "`off`"
    return f"`{value}`" if value != "" else "none"


def test_every_kind_is_listed_with_its_aliases_and_scope() -> None:
    listed = {
        codes_in(row[0])[0]: (tuple(codes_in(row[1])), row[2])
        for row in rows(section(CLI, "## Kinds"))
    }
    assert listed == {
        kind: (aliases, "cluster" if kind in CLUSTER_SCOPED else "namespace")
        for kind, aliases in ALIASES.items()
    }


def test_every_annotation_of_a_pool_is_listed() -> None:
    listed = [codes_in(row[0])[0] for row in rows(section(CLI, "## Annotations of a pool"))]
    assert sorted(listed) == sorted([PRIORITY, REQUIRE, QUARANTINE, f"{LINT_IGNORE}<rule>"])


def test_every_exit_code_is_listed() -> None:
    listed = {int(codes_in(row[0])[0]) for row in rows(section(CLI, "## Exit codes"))}
    assert listed == {0} | {value for name, value in vars(errors).items() if "EXIT_" in name}


def test_the_fields_of_an_explanation_are_those_of_the_json() -> None:
    check = CheckResult(("podAffinity", "pod.label", "app", "exists", ()), True, None)
    candidate = Candidate("p", "chosen", 1, 1, [check])
    family = FamilyDecision(4, "pod-ippool", [candidate])
    decision = Decision("", "eth0", "", "", [family], Refusal("no-address", "", ""))
    shapes = {
        "the decision": decision.to_json(),
        "`families`": family.to_json(),
        "`candidates`": candidate.to_json(),
        "`checks`": check.to_json(),
        "`error`": Refusal("", "", "").to_json(),
    }
    text = section(section(CLI, "## explain"), "### Its JSON")
    table = re.findall(r"(?m)^\| (.+) \| (`.+) \|$", text)
    assert {where: codes_in(fields) for where, fields in table} == {
        where: list(shape) for where, shape in shapes.items()
    }


def test_every_command_has_a_section_its_help_and_an_example() -> None:
    for name in COMMANDS:
        text = section(CLI, f"## {name}")
        for words in _words(name):
            assert f"$ poolweaver {words} --help\n" in text, words
        runs = re.findall(rf"(?m)^\$ .*poolweaver (?:--db \S+ )?{name}\b(?!.*--help)", text)
        assert runs, f"an example of {name}"


def _words(name: str) -> list[str]:
    """A command and its subcommands, as they are typed."""
    found = command.get_command(click.Context(command), name)
    below = sorted(found.commands) if isinstance(found, click.Group) else []
    return [name, *(f"{name} {sub}" for sub in below)]


def test_every_scenario_has_its_line_in_the_examples() -> None:
    listed = re.findall(r"(?m)^\| \[`([a-z-]+)`\]\(seed/\1/\) \|", page("examples/README.md"))
    assert listed == sorted(path.name for path in (ROOT / "examples" / "seed").iterdir())


def test_the_readme_names_the_python_that_is_asked_for() -> None:
    asked = re.search(r'requires-python = ">=([0-9.]+)"', page("pyproject.toml"))
    assert asked
    assert f"Python {asked[1]} or newer" in page("README.md")


def test_no_document_names_a_path_of_a_machine() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), ROOT / "examples/README.md"]:
        found = re.search(r"/(work|tmp|root)/", path.read_text(encoding="utf-8"))
        assert not found, f"{path}: {found}"


def test_no_command_that_is_there_is_called_missing() -> None:
    listed = re.findall(r"(?m)^- .*$", section(page("README.md"), "## What is not there yet"))
    names = {name for line in listed for name in codes_in(line)}
    assert {"plan"} <= names
    assert not names & set(COMMANDS)

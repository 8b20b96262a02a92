"""Manifests to findings, in one call."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import yaml

from policy.lint.finding import REMOVE, Finding
from policy.lint.linted import Linted, read_linted
from policy.lint.run import lint
from policy.lint.world import World
from policy.places import Path
from policy.settings import AuthoringSettings


def linted(text: str | bytes, world: World | None = None) -> Linted:
    data = text.encode() if isinstance(text, str) else text
    return read_linted([("f.yaml", data)], AuthoringSettings(), world)


def findings(text: str | bytes, world: World | None = None) -> list[Finding]:
    return lint(linted(text, world))


def found(text: str | bytes, world: World | None = None) -> list[str]:
    """The ids of what was found, in order."""
    return [finding.rule for finding in findings(text, world)]


def the(rule: str, text: str | bytes, world: World | None = None) -> Finding:
    """The one finding of a rule."""
    (finding,) = [one for one in findings(text, world) if one.rule == rule]
    return finding


def underlined(text: str, finding: Finding) -> str:
    """The characters that the finding is about, as far as they stand in its first line."""
    line = text.splitlines()[finding.span.line - 1]
    end = finding.span.end_column - 1 if finding.span.end_line == finding.span.line else len(line)
    return line[finding.span.column - 1 : end]


def fixed(text: str) -> str:
    """The documents with every fix applied, comments and layout lost."""
    documents = list(yaml.safe_load_all(text))
    edits: dict[str, list[tuple[Path, object]]] = {}
    for finding in findings(text):
        for fix in finding.fixes:
            wanted = edits.setdefault(fix.document.data["metadata"]["name"], [])
            wanted += [(edit.path, edit.value) for edit in fix.edits]
    for name, wanted in edits.items():
        (target,) = [one for one in documents if one["metadata"]["name"] == name]
        _edit(target, wanted)
    return yaml.safe_dump_all(documents)


def _edit(target: dict[str, object], edits: Sequence[tuple[Path, object]]) -> None:
    # Removed entries of a list go last, from its end, since paths count before all edits.
    changed = [edit for edit in edits if edit[1] is not REMOVE]
    removed = [edit for edit in edits if edit[1] is REMOVE]
    removed.sort(
        key=lambda edit: [f"{s:09}" if isinstance(s, int) else s for s in edit[0]], reverse=True
    )
    for path, value in [*changed, *removed]:
        parent: object = target
        for step in path[:-1]:
            if isinstance(parent, dict):
                if parent.get(step) is None:
                    parent[step] = {}
                parent = parent[step]
            else:
                assert isinstance(parent, list)
                assert isinstance(step, int)
                parent = parent[step]
        last = path[-1]
        if value is REMOVE:
            del parent[last]  # type: ignore[attr-defined]
        elif isinstance(parent, list) and last == len(parent):
            parent.append(copy.deepcopy(value))
        else:
            parent[last] = copy.deepcopy(value)  # type: ignore[index]


POOL = """\
apiVersion: spiderpool.spidernet.io/v2beta1
kind: SpiderIPPool
metadata:
  name: {name}
spec:
  subnet: 10.6.0.0/16
  ips: [10.6.{block}.1-10.6.{block}.9]
"""


def pool(spec: str = "", name: str = "web", block: int = 1, annotations: str = "") -> str:
    """A valid pool with more lines below `spec:` and `annotations:`, as written."""
    text = POOL.format(name=name, block=block)
    if annotations:
        text = text.replace("spec:\n", f"  annotations:\n{_indented(annotations, 4)}spec:\n")
    return text + (_indented(spec, 2) if spec else "")


def pools(*texts: str) -> str:
    return "---\n".join(texts)


def _indented(text: str, blanks: int) -> str:
    return "".join(f"{' ' * blanks}{line}\n" for line in text.splitlines())

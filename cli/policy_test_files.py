"""Finding policy tests and the manifests they are about."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.inputs import SUFFIXES, TEST_SUFFIXES, is_test, read_file, read_inputs
from model.errors import ConfigurationError, InvalidManifestsError, ManifestError
from model.spans import Span
from policy.policy_tests.case import Suite
from policy.policy_tests.read import read_tests

Texts = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class FoundSuite:
    """A suite and the (file name, content) pairs of its world: manifests, and its own file."""

    suite: Suite
    texts: Texts


def found_suites(paths: Sequence[str]) -> list[FoundSuite]:
    """All suites of the files, and of the test files in and below the folders, sorted by name.

    Raises `ConfigurationError` `no-test` where there is none, and `InvalidManifestsError` with
    everything wrong in them.
    """
    suites: list[FoundSuite] = []
    errors: list[ManifestError] = []
    for name, data in (read_file(file) for file in _files(paths)):
        read, wrong = read_tests(data, name)
        errors.extend(wrong)
        for suite in read:
            try:
                suites.append(FoundSuite(suite, _with_own(_world(suite), name, data)))
            except ManifestError as error:
                errors.append(error)
    if errors:
        raise InvalidManifestsError(errors)
    if not any(one.suite.cases for one in suites):
        raise ConfigurationError(
            f"no policy test found in {_listed(paths)}",
            f"tests are of `kind: PolicyTest`, in files that end in {', '.join(TEST_SUFFIXES)}",
            code="no-test",
        )
    return suites


def watched_folders(found: Sequence[FoundSuite], paths: Sequence[str]) -> list[str]:
    """What a change of is a reason to test again: what was named, and what was read."""
    files = [name for one in found for name, _ in one.texts if name != "-"]
    return sorted({*(path for path in paths if path != "-"), *files, *map(os.path.dirname, files)})


def _files(paths: Sequence[str]) -> list[str]:
    files: list[str] = []
    for path in paths:
        if Path(path).is_dir():
            files += sorted(str(p) for p in Path(path).rglob("*") if is_test(p) and p.is_file())
        else:
            files.append(path)
    return list({os.path.normpath(file): file for file in files}.values())


def _with_own(texts: Texts, name: str, data: bytes) -> Texts:
    """The world with the file of the tests itself, which may stand among its manifests, once."""
    own = os.path.normpath(name)
    return [*((file, text) for file, text in texts if os.path.normpath(file) != own), (name, data)]


def _world(suite: Suite) -> Texts:
    folder = "" if suite.file == "-" else os.path.dirname(suite.file)  # noqa: PTH120 - keeps it as given
    if suite.manifests is None:
        beside = Path(folder or ".")
        return read_inputs([folder or "."]) if suite.file != "-" and _has_manifests(beside) else []
    texts: Texts = []
    for written, span in suite.manifests:
        texts += _read(os.path.normpath(os.path.join(folder, written)), written, span)  # noqa: PTH118
    return list(dict(texts).items())


def _has_manifests(folder: Path) -> bool:
    return any(p.suffix in SUFFIXES and not is_test(p) for p in folder.iterdir() if p.is_file())


def _read(path: str, written: str, span: Span) -> Texts:
    try:
        return read_inputs([path])
    except ConfigurationError as error:
        raise ManifestError(
            f"`{written}` gives no manifests: {error.message}",
            "write a path as seen from the folder of this file",
            span,
            "invalid-value",
            "manifests",
        ) from None


def _listed(paths: Sequence[str]) -> str:
    return ", ".join(f"`{path}`" for path in paths)

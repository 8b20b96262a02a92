"""The files that lint lives with: `poolweaver.toml` and the baseline."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from cli.inputs import read_file
from cli.lint_report.report import counted
from cli.whole_files import write_whole
from model.errors import ConfigurationError
from policy.lint.finding import Finding
from policy.lint.living.baseline import (
    Known,
    baseline_text,
    compare,
    known_of,
    parse_baseline,
)
from policy.lint.living.configuration import OFF, Configuration, parse_configuration
from policy.lint.living.ignored import Ignored
from policy.lint.refused import REFUSALS
from policy.lint.registry import all_rules
from policy.lint.rule import Rule
from policy.wording import did_you_mean, shown

NAME = "poolweaver.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """A configuration, and the folder that its paths count from."""

    configuration: Configuration
    folder: str

    def relative(self, file: str) -> str | None:
        """A file's path from the folder, with `/`; None outside of it and for standard input."""
        path = os.path.relpath(Path(file).absolute(), self.folder)
        return None if file == "-" or path.startswith("..") else path

    def baseline(self, given: str | None, *, update: bool) -> BaselineFile | None:
        """The baseline that is given, else that of the configuration; None without either.

        Raises `click.UsageError` for an update of none, and what `read_baseline` raises.
        """
        configured = self.configuration.baseline
        file = given or (str(Path(self.folder) / configured) if configured else None)
        if file is None and update:
            raise click.UsageError("--update-baseline writes a file: name it with --baseline")
        return read_baseline(file, update=update) if file else None


def chosen_rules(
    configuration: Configuration, select: Sequence[str], ignore: Sequence[str]
) -> list[Rule]:
    """The rules to run: those selected, else those that are not off; without those ignored.

    Raises `click.UsageError` for a rule that there is not.
    """
    known = all_rules()
    for name in (*select, *ignore):
        if name in REFUSALS:
            raise click.UsageError(f"{name} is an error of `apply`: it is always told of")
        if name not in known:
            hint = did_you_mean(name, known) or "--explain RULE knows the rules"
            raise click.UsageError(f"there is no rule {shown(name)}; {hint}")
    chosen = select or [name for name in known if configuration.rules.get(name) != OFF]
    return [rule for name, rule in known.items() if name in chosen and name not in ignore]


def find_configuration(given: str | None, first_path: str) -> Settings:
    """That of the file given, else of the nearest `poolweaver.toml` at or above the first path.

    Raises `ConfigurationError` where it cannot be read or makes no sense.
    """
    start = Path.cwd() if first_path == "-" else Path(first_path).absolute()
    folder = start if start.is_dir() else start.parent
    file = given or next(
        (str(one / NAME) for one in (folder, *folder.parents) if (one / NAME).is_file()), None
    )
    if file is None:
        return Settings(Configuration(), str(folder))
    _, data = read_file(file)
    text = data.decode("utf-8", "replace")
    return Settings(parse_configuration(text, file, all_rules()), str(Path(file).absolute().parent))


@dataclass(frozen=True, slots=True)
class BaselineFile:
    """A baseline and where it stands."""

    file: str
    known: Sequence[Known]
    is_new: bool

    @property
    def folder(self) -> str:
        """What the names of files in it count from."""
        return str(Path(self.file).absolute().parent)

    def settle(
        self,
        findings: Sequence[Finding],
        files: Collection[str],
        ran: Collection[str],
        *,
        update: bool,
    ) -> tuple[list[Finding], list[Ignored]]:
        """The findings that are new, and those that are known.

        With `update`, the file is written: all findings if there was none, else without what
        occurs no more. What it would leave out, or did, is said on standard error.
        """
        names = {self._name(file) for file in files}
        if self.is_new:
            known = [known_of(one, self._name(one.span.file)) for one in findings]
            write_whole(self.file, baseline_text(known).encode())
            click.echo(f"wrote {counted(len(known), 'finding')} to `{self.file}`", err=True)
            return [], compare(findings, known, lambda _: False).known
        compared = compare(findings, self.known, lambda one: self._is_judged(one, names, ran))
        if compared.gone:
            what = f"{counted(len(compared.gone), 'entry').replace('entrys', 'entries')}"
            if update:
                write_whole(self.file, baseline_text(compared.kept).encode())
                click.echo(f"took {what} out of `{self.file}`: found no more", err=True)
            else:
                click.echo(
                    f"info: {what} of `{self.file}` found no more; --update-baseline takes "
                    f"{'it' if len(compared.gone) == 1 else 'them'} out",
                    err=True,
                )
        return compared.new, compared.known

    def _is_judged(self, known: Known, names: Collection[str], ran: Collection[str]) -> bool:
        if known.rule in all_rules() and known.rule not in ran:
            return False
        return known.file in names or not (Path(self.folder) / known.file).exists()

    def _name(self, file: str) -> str:
        return file if file == "-" else os.path.relpath(Path(file).absolute(), self.folder)


def read_baseline(file: str, *, update: bool) -> BaselineFile:
    """The baseline of a file; one that is not there yet is new, if it is to be written.

    Raises `ConfigurationError` where it cannot be read.
    """
    if not Path(file).exists():
        if update:
            return BaselineFile(file, (), is_new=True)
        raise ConfigurationError(
            f"there is no baseline `{file}`",
            "write it with --update-baseline, or leave --baseline out",
            code="unreadable-file",
        )
    _, data = read_file(file)
    return BaselineFile(file, parse_baseline(data.decode("utf-8", "replace"), file), is_new=False)

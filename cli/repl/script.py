"""A session without terminal: statements of `-c`, or of standard input as they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.failures import report
from cli.repl.language import parse_session
from cli.repl.shown import poll_shown, run_shown
from model.errors import ConfigurationError, exit_code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cli.repl.language import Statement
    from cli.repl.registry import Registry
    from cli.repl.session import Session


class Script:
    """Runs lines; `exit_code` is that of the first statement that did not end with 0."""

    def __init__(self, registry: Registry, session: Session) -> None:
        self._registry = registry
        self._session = session
        self._open = self._awaited = ""
        self._line = 1
        self.exit_code = 0
        self.ended = False

    def run(self, lines: Iterable[str]) -> int:
        """Runs all lines, each statement as soon as it is whole; the exit code."""
        for line in lines:
            self._take(line)
            if self.ended:
                break
        else:
            self._finish()
        return self.exit_code

    def _take(self, line: str) -> None:
        parsed = parse_session(self._open + line, self._line)
        for statement in parsed.statements:
            self._run(statement)
            if self.ended:
                return
        whole = self._open + line
        self._open = parsed.left
        self._line += whole.count("\n") - parsed.left.count("\n")
        self._awaited = parsed.awaited

    def _run(self, statement: Statement) -> None:
        self._note(poll_shown(self._session))
        code, self.ended = run_shown(self._registry, self._session, statement)
        self._note(code)

    def _note(self, code: int) -> None:
        self.exit_code = self.exit_code or code

    def _finish(self) -> None:
        """The end of the text; an open statement is an error, and is not run."""
        if not self._open:
            return
        error = ConfigurationError(
            f"the last statement, on line {self._line}, is not whole",
            f"close it with `{self._awaited}`",
            code="invalid-argument",
        )
        report(error)
        self._note(exit_code(error))


def run_texts(registry: Registry, session: Session, texts: Iterable[str]) -> int:
    """Runs the texts of `-c`, each whole in itself; the exit code."""
    codes = []
    for text in texts:
        script = Script(registry, session)
        codes.append(script.run([text]))
        if script.ended:
            break
    return next((code for code in codes if code), 0)

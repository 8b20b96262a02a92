"""Results of policy tests in the XML of JUnit, as build servers read it."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from cli.policy_test_text import mismatch_text
from ipam.policy_tests import Result


def junit_text(results: Sequence[Result]) -> str:
    """The document, a `testsuite` a file; without times, so that equal runs give equal text."""
    root = Element("testsuites", _counts(results))
    for file in dict.fromkeys(result.suite.file for result in results):
        own = [result for result in results if result.suite.file == file]
        suite = SubElement(root, "testsuite", {"name": file, **_counts(own)})
        for result in own:
            _case(suite, result)
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode")


def _counts(results: Sequence[Result]) -> dict[str, str]:
    failed = sum(not result.passed for result in results)
    return {"tests": str(len(results)), "failures": str(failed), "errors": "0"}


def _case(suite: Element, result: Result) -> None:
    case = SubElement(
        suite,
        "testcase",
        {
            "classname": result.suite.name or result.suite.file,
            "name": _printable(result.case.name),
            "file": result.suite.file,
            "line": str(result.case.span.line),
        },
    )
    if not result.passed:
        lines = [mismatch_text(mismatch) for mismatch in result.mismatches]
        failure = SubElement(case, "failure", {"message": _printable("; ".join(lines))})
        failure.text = _printable("\n".join([f"at {result.case.span}", *lines, *result.reasons]))


def _printable(text: str) -> str:
    """Without the characters that XML cannot hold."""
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)

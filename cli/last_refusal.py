"""`explain --last`: a refusal as it happened, with the facts it saw."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from cli.decision_text import decision_text
from cli.time_text import time_text
from ipam.rejudge import judged_or_told
from model.errors import NotFoundError
from model.facts import Unknown
from model.facts_json import facts_from_json

if TYPE_CHECKING:
    from model.facts import NamespaceFacts, NodeFacts, PodFacts
    from model.kept_decisions import KeptDecision
    from store.store import Store


def print_last(
    store: Store, pod: tuple[str, str], nic: str | None, everything: bool, output: str
) -> None:
    """Prints the newest refusal that is kept of a Pod, of one interface if `nic` is given.

    `NotFoundError` if there is none.
    """
    refusals = [one for one in store.decisions.refusals(*pod) if nic in (None, one.nic)]
    name = "/".join(pod)
    if not refusals:
        whose = f"pod `{name}`" + (f", interface {nic}" if nic else "")
        raise NotFoundError(
            f"no refusal of {whose} is kept",
            f"`poolweaver explain pod {name}` says what it would get now",
            code="decision-not-kept",
        )
    kept = refusals[-1]
    latest = store.decisions.latest(*pod)
    if output == "json":
        click.echo(json.dumps(_document(kept), indent=2))
    else:
        click.echo("\n".join(_lines(kept, latest, everything)))


def _document(kept: KeptDecision) -> dict[str, object]:
    """The explanation as ever, and what was recorded besides."""
    return {
        **judged_or_told(kept).to_json(),
        "decision": kept.number,
        "at": time_text(kept.at_seconds),
        "rulesDigest": kept.rules_digest,
        "facts": kept.evidence["facts"],
        "considered": {
            str(one["family"]): {
                "total": one["considered"],
                "complete": one["complete"],
                "histogram": one["histogram"],
            }
            for one in kept.evidence["families"]
        },
    }


def _lines(kept: KeptDecision, latest: KeptDecision | None, everything: bool) -> list[str]:
    told = {
        one["family"]: [(str(reason), int(count)) for reason, count in one["histogram"]]
        for one in kept.evidence["families"]
        if one["histogram"]
    }
    lines = [
        f"decision {kept.number}, {time_text(kept.at_seconds)}: refused with `{kept.outcome}`",
        decision_text(judged_or_told(kept), everything, told),
        "",
        "the facts it saw:",
        *_facts(kept),
    ]
    if latest and latest.number > kept.number and latest.claims:
        got = ", ".join(f"{address} of {pool}" for _, pool, address in latest.claims)
        since = f"decision {latest.number}, {time_text(latest.at_seconds)}"
        lines.append(f"since then: {since}, gave {latest.nic} {got}")
    lines.append(f"`poolweaver replay {kept.number} --current` says what is different by now")
    return lines


def _facts(kept: KeptDecision) -> list[str]:
    facts = facts_from_json(kept.evidence["facts"])
    sections = [("pod", facts.pod), ("namespace", facts.namespace), ("node", facts.node)]
    return [f"  {_section(name, section)}" for name, section in sections]


def _section(name: str, section: PodFacts | NamespaceFacts | NodeFacts | Unknown) -> str:
    if isinstance(section, Unknown):
        return f"{section.what} was not known: {section.reason}"
    labels = ", ".join(f"{key}={value}" for key, value in section.labels.items()) or "none"
    text = f"{name} {section.name or '<none>'}, labels {labels}"
    if section.seen is None:
        return text
    seen = f"{section.seen.source}, revision {section.seen.revision}"
    when = f", seen {time_text(section.seen.at_seconds)}" if section.seen.at_seconds else ""
    return f"{text} ({seen}{when})"

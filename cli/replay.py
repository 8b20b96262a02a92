"""`poolweaver replay`: take a kept decision again, and say what comes out otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.inputs import read_inputs
from cli.kinds import DEFAULT_NAMESPACE
from cli.stores import opened
from cli.time_text import time_text
from ipam.decision_file import decision_document, of_file, read_decision
from ipam.replay import Replay, replay, replay_current
from model.errors import EXIT_FINDINGS, ConfigurationError, NotFoundError

if TYPE_CHECKING:
    from ipam.differences import Side
    from model.kept_decisions import KeptDecision
    from store.store import Store


@click.command("replay")
@click.argument("target", metavar="DECISION | [NAMESPACE/]POD | FILE")
@click.option("--namespace", "-n", default=DEFAULT_NAMESPACE, help="The Pod's namespace.")
@click.option("--current", is_flag=True, help="Decide with the pools and facts of now.")
@click.option("--export", is_flag=True, help="Print the decision, to be replayed elsewhere.")
@click.option("--output", "-o", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(
    context: click.Context,
    target: str,
    namespace: str,
    current: bool,
    export: bool,
    output: str,
) -> None:
    """Decide again what was decided once, from the facts and rules that were kept with it.

    DECISION is a number that `explain --last`, `history` or a CNI error names; POD stands for the
    last decision about it. FILE is one that --export wrote (- for standard input), which needs no
    store. Says whether the outcome is the same, and if not, the first difference; exits with 3
    then. Nothing is claimed.
    """
    if current and export:
        raise click.UsageError("--current and --export exclude each other")
    done: Replay | None = None
    if _is_file(target):
        kept = _read(target)
        if not export:
            done = of_file(target, lambda: _replayed(context, kept, current))
    else:
        with opened(context) as store:
            kept = _kept(store, target, namespace)
            if not export:
                done = replay_current(store, kept) if current else replay(kept)
    if done is None:
        click.echo(json.dumps(decision_document(kept), indent=2))
        return
    click.echo(json.dumps(done.to_json(), indent=2) if output == "json" else _text(done))
    if not done.same:
        context.exit(EXIT_FINDINGS)


def _replayed(context: click.Context, kept: KeptDecision, current: bool) -> Replay:
    """The replay of a decision from a file; only one with what is current needs a store."""
    if not current:
        return replay(kept)
    with opened(context) as store:
        return replay_current(store, kept)


def _is_file(target: str) -> bool:
    return target == "-" or target.endswith(".json") or Path(target).is_file()


def _read(name: str) -> KeptDecision:
    """The decision of a file."""
    ((_, content),) = read_inputs([name])
    try:
        return read_decision(json.loads(content), name)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"`{name}` cannot be replayed: it is not JSON",
            "`poolweaver replay DECISION --export` writes such a file",
            code="invalid-decision",
        ) from error


def _kept(store: Store, target: str, namespace: str) -> KeptDecision:
    """The decision of a number, or the last one about a Pod."""
    if target.isascii() and target.isdigit():
        return _numbered(store, int(target))
    target = target.removeprefix("pod/")
    prefix, slash, name = target.partition("/")
    pod = (prefix, name) if slash else (namespace, target)
    found = store.decisions.latest(*pod)
    if found is None:
        raise NotFoundError(
            f"no decision about pod `{'/'.join(pod)}` is kept",
            "decisions are kept from the first ADD of a Pod on, until they are pruned",
            code="decision-not-kept",
        )
    return found


def _numbered(store: Store, number: int) -> KeptDecision:
    found = store.decisions.get(number)
    if found is not None:
        return found
    newest = store.decisions.newest_number()
    if 0 < number <= newest:
        raise NotFoundError(
            f"decision {number} is not kept any more",
            "it was pruned, or another refusal of the same interface came after it",
            code="decision-not-kept",
        )
    raise NotFoundError(
        f"there is no decision {number}",
        f"the newest one is {newest}" if newest else "none was ever kept in this store",
        code="decision-not-kept",
    )


def _text(done: Replay) -> str:
    kept = done.kept
    who = f"pod {kept.pod_text}" if kept.pod_text else "a container without Pod"
    got = ", ".join(f"{address} of {pool}" for _, pool, address in kept.claims)
    outcome = f"claimed {got}" if got else f"refused with `{kept.outcome}`"
    if kept.outcome == "claimed" and not got:
        outcome = "claimed"
    when = time_text(kept.at_seconds)
    lines = [f"decision {kept.number}, {when}: {who}, interface {kept.nic}, {outcome}"]
    found = done.difference
    if found is None:
        now = "with the pools and facts of now" if done.current else "from what was kept with it"
        return "\n".join([*lines, f"same: decided again {now}, it comes out alike"])
    family = f"IPv{found.family}: " if found.family else ""
    lines.append(f"different: {family}{found.what}")
    for word, side in (("then", found.then), ("now", found.now)):
        if side is not None:
            lines.append(f"  {word}: {_side(side, found.field)}")
    return "\n".join(lines)


def _side(side: Side, field: str) -> str:
    if side.expected is None:
        return side.outcome
    has = f'has "{side.actual}"' if side.actual is not None else (side.note or "has none")
    where = f"  ({side.span})" if side.span else ""
    return f"{side.outcome}; {field} wants {side.expected}, {has}{where}"

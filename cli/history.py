"""`poolweaver history`: who held an address, or what a Pod held, and when."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click

from cli.history_text import answer_document, answer_text, document, listing
from cli.kinds import DEFAULT_NAMESPACE, KINDS
from cli.stores import now_seconds
from cli.time_text import parse_window
from cli.yaml_text import yaml_text
from ipam.history import AddressHistory, address_history, pod_history
from ipam.holdings import Holding
from model.errors import ConfigurationError
from model.ranges import RangeSyntaxError
from store.read_only import open_to_read
from store.store import Store


@click.command("history")
@click.argument("target", metavar="ADDRESS | pod [NAMESPACE/]NAME", nargs=-1, required=True)
@click.option("--at", metavar="TIME", help="Who held ADDRESS at that moment, or on that day.")
@click.option("--since", metavar="TIME", help="Only what did not end before that time.")
@click.option(
    "--namespace", "-n", help="The Pod's namespace. Default: that of NAME, else `default`."
)
@click.option(
    "--output", "-o", type=click.Choice(["table", "wide", "yaml", "json"]), default="table"
)
@click.pass_context
def command(
    context: click.Context,
    target: tuple[str, ...],
    at: str | None,
    since: str | None,
    namespace: str | None,
    output: str,
) -> None:
    """Say who held ADDRESS, or what a Pod held: when, from which pool, and how it ended.

    TIME is `2026-11-17T10:00:00Z`, a day such as `2026-11-17`, or how long ago: `2h`, `3d`. It is
    UTC unless it has an offset. An answer of the past is never guessed: where the journal does not
    go back that far, history says so.
    """
    if at is not None and since is not None:
        raise click.UsageError("--at and --since exclude each other")
    pod = _pod(target, namespace)
    if pod and at is not None:
        raise click.UsageError("--at is for an address; use --since for a Pod")
    with open_to_read(str(context.obj)) as store:
        if pod:
            _show_pod(store, pod, since, output)
        else:
            history = _address(store, target[0])
            if at is None:
                _show_address(history, since, output)
            else:
                _show_moment(history, at, output)


def _show_moment(history: AddressHistory, at: str, output: str) -> None:
    start, end = parse_window(at, "--at", now_seconds())
    found = history.during(start, end)
    if output in ("json", "yaml"):
        _print_document(answer_document(history, found), output)
    else:
        click.echo(answer_text(history, found, wide=output == "wide"))


def _show_address(history: AddressHistory, since: str | None, output: str) -> None:
    now = now_seconds()
    start = parse_window(since, "--since", now)[0] if since else 0
    found = history.during(start, now + 1)
    nobody = f"nobody held {history.text}"
    _show(
        {"address": history.text},
        nobody,
        found.holdings,
        found.known,
        history.known_from,
        since,
        output,
    )


def _show_pod(store: Store, pod: tuple[str, str], since: str | None, output: str) -> None:
    now = now_seconds()
    start = parse_window(since, "--since", now)[0] if since else 0
    held, known_from = pod_history(store, *pod)
    found = [one for one in held if one.to_seconds is None or one.to_seconds > start]
    known = known_from is not None and known_from <= start
    nobody = f"Pod {'/'.join(pod)} held no address"
    _show({"pod": "/".join(pod)}, nobody, found, known, known_from, since, output)


def _show(
    subject: Mapping[str, str],
    nobody: str,
    found: list[Holding] | tuple[Holding, ...],
    known: bool,
    known_from: int | None,
    since: str | None,
    output: str,
) -> None:
    """The holdings; and in a table, a line on standard error that says how far back they go."""
    if output in ("json", "yaml"):
        _print_document(document(subject, found, known_from), output)
        return
    text, note = listing(
        nobody, found, known_from, known=known, since=since, wide=output == "wide",
        with_address="pod" in subject,
    )  # fmt: skip
    click.echo(text)
    if note:
        click.echo(note, err=True)


def _print_document(value: object, output: str) -> None:
    if output == "json":
        click.echo(json.dumps(value, indent=4, ensure_ascii=False))
    else:
        click.echo(yaml_text(value), nl=False)


def _pod(target: tuple[str, ...], namespace: str | None) -> tuple[str, str] | None:
    """(namespace, name) of `pod NAME`, `pod NAMESPACE/NAME` or `pod/NAME`; None for an address."""
    kind, _, rest = target[0].partition("/")
    if KINDS.get(kind.lower()) != "Pod":
        if len(target) != 1 or namespace is not None:
            raise click.UsageError(
                f"write `history ADDRESS` or `history pod NAME`, not `history {' '.join(target)}`"
                + (" with --namespace" if namespace is not None else "")
            )
        return None
    names = [rest, *target[1:]] if rest else list(target[1:])
    if len(names) != 1:
        raise click.UsageError(f"write `history pod NAME`, not `history {' '.join(target)}`")
    prefix, slash, name = names[0].partition("/")
    return (prefix, name) if slash else (namespace or DEFAULT_NAMESPACE, names[0])


def _address(store: Store, text: str) -> AddressHistory:
    try:
        return address_history(store, text)
    except RangeSyntaxError as error:
        hint = f"{error.hint}; for a Pod: `poolweaver history pod {text}`"
        raise ConfigurationError(str(error), hint, code="invalid-argument") from None

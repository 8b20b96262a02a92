"""`poolweaver explain pod`: the decision, without claiming."""

from __future__ import annotations

import gc
import json
from contextlib import contextmanager
from pathlib import Path

import click
from click.core import ParameterSource

from cli.decision_text import cost_text, decision_text
from cli.kinds import DEFAULT_NAMESPACE, KINDS
from cli.stores import now_seconds, opened
from ipam.cni_config import decode, parse_config
from ipam.explain import explain
from ipam.request import Request
from model.errors import EXIT_NO_ADDRESS, ConfigurationError
from model.facts import PodFacts
from model.leases import Attachment
from policy.reasons import naive_cost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import NoReturn

    from model.decisions import Decision
    from store.store import Store

    # namespace and name of a Pod
    PodName = tuple[str, str]
    Costs = dict[str, int | None]


@click.command("explain")
@click.argument("target", metavar="pod [NAMESPACE/]NAME", nargs=-1)
@click.option(
    "--namespace", "-n", help="The Pod's namespace. Default: that of NAME, else `default`."
)
@click.option("--nic", default="eth0", show_default=True, help="The interface, as in CNI_IFNAME.")
@click.option("--node", help="The node. Default: the Pod's spec.nodeName.")
@click.option("--cni-conf", metavar="FILE", help="The CNI configuration, for its default pools.")
@click.option(
    "--filename",
    "-f",
    "filenames",
    metavar="PATH",
    multiple=True,
    help="Decide from these manifests alone, without the store. May be repeated.",
)
@click.option("--recursive", "-R", is_flag=True, help="With -f: look into folders below.")
@click.option(
    "--set",
    "settings",
    metavar="KEY=VALUE",
    multiple=True,
    help="With -f: a setting, as of `config set`. May be repeated.",
)
@click.option(
    "--all", "-v", "everything", is_flag=True, help="Show every check of every candidate."
)
@click.option(
    "--last", is_flag=True, help="The last refusal, as it happened, with the facts it saw."
)
@click.option("--cost", is_flag=True, help="Say how many checks the decision takes.")
@click.option("--verify-index", is_flag=True, help="Check the index against the rules, too.")
@click.option("--output", "-o", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(
    context: click.Context,
    target: tuple[str, ...],
    namespace: str | None,
    nic: str,
    node: str | None,
    cni_conf: str | None,
    filenames: tuple[str, ...],
    recursive: bool,
    settings: tuple[str, ...],
    everything: bool,
    last: bool,
    cost: bool,
    verify_index: bool,
    output: str,
) -> None:
    """Say which pool a Pod's interface would get, or none, and why.

    Shows the checks of the candidate pools, their order, and the address that would be claimed
    now; claims nothing. Exits with 4 where the Pod would get none.

    With -f, nothing but the files is looked at: they hold the Pod, or the workload that makes it,
    and its pools, Namespace and Node. NAME may be left out where they hold one Pod.
    """
    named = _pod(target, namespace) if target else None
    if named is None and not filenames:
        raise click.UsageError("write `explain pod NAME`, or name files with -f")
    if not filenames and (settings or recursive):
        raise click.UsageError("--set and -R go with -f; `config set` changes the store's settings")
    if last:
        _last(context, filenames, named, nic, everything, output)
    defaults, clean = _cni_defaults(cni_conf)
    with _world(context, filenames, recursive, settings, named) as (store, pod):
        if node is None:
            known = store.facts.pod(*pod, "")
            node = known.node_name if isinstance(known, PodFacts) else ""
        request = Request(Attachment(node, "", "", nic), *pod, "", defaults, {}, clean)
        gc.disable()  # nothing here is garbage, and looking for it takes a third of the time
        if verify_index:
            from ipam.verify_index import verify_index as verify  # noqa: PLC0415 - seldom asked for

            verify(store, request)
        complete = everything or output == "json"
        decision = explain(store, request, now_seconds(), everything=complete)
        costs = _costs(store, request, decision) if cost else None
    _print(decision, output, everything, costs)
    if decision.error:
        context.exit(EXIT_NO_ADDRESS)


def _costs(store: Store, request: Request, decision: Decision) -> Costs:
    from ipam.cost import index_cost  # noqa: PLC0415 - seldom asked for

    return {"naive": naive_cost(decision), "index": index_cost(store, request)}


def _print(decision: Decision, output: str, everything: bool, costs: Costs | None) -> None:
    if output == "json":
        document = decision.to_json()
        if costs:
            document["cost"] = costs
        click.echo(json.dumps(document, indent=2))
        return
    click.echo(decision_text(decision, everything))
    if costs:
        click.echo(f"\n{cost_text(costs)}")


def _last(
    context: click.Context,
    filenames: Sequence[str],
    named: PodName | None,
    nic: str,
    everything: bool,
    output: str,
) -> NoReturn:
    """Print the last refusal and end, with 4 as it had ended then."""
    if filenames or named is None:
        raise click.UsageError("write `explain pod NAME --last`: refusals are kept in the store")
    from cli.last_refusal import print_last  # noqa: PLC0415 - reads rule texts, which is slow to load

    given = context.get_parameter_source("nic") is not ParameterSource.DEFAULT
    with opened(context) as store:
        print_last(store, named, nic if given else None, everything, output)
    context.exit(EXIT_NO_ADDRESS)


@contextmanager
def _world(
    context: click.Context,
    filenames: Sequence[str],
    recursive: bool,
    settings: Sequence[str],
    named: PodName | None,
) -> Iterator[tuple[Store, PodName]]:
    """The store that is asked, and the Pod: the stored one, or that of the files."""
    if not filenames:
        assert named is not None
        with opened(context) as store:
            yield store, named
        return
    from cli.explained_files import files_store  # noqa: PLC0415 - reading manifests is slow to load

    with files_store(filenames, recursive, settings, named) as found:
        yield found


def _pod(target: tuple[str, ...], namespace: str | None) -> PodName:
    """Namespace and name of `pod NAME`, `pod NAMESPACE/NAME` or `pod/NAME`."""
    kind, _, rest = target[0].partition("/")
    names = [rest, *target[1:]] if rest else list(target[1:])
    if KINDS.get(kind.lower()) != "Pod" or len(names) != 1:
        raise click.UsageError(f"write `explain pod NAME`, not `explain {' '.join(target)}`")
    prefix, slash, name = names[0].partition("/")
    return (prefix, name) if slash else (namespace or DEFAULT_NAMESPACE, names[0])


def _cni_defaults(file: str | None) -> tuple[dict[int, list[str]], bool]:
    """Default pools and `clean_gateway` of a CNI configuration, or of the first in a list."""
    if file is None:
        return {}, False
    try:
        document = decode(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"cannot read `{file}`: {error.strerror}", "check --cni-conf", code="unreadable-file"
        ) from None
    plugins = document.get("plugins")
    if isinstance(plugins, list) and plugins and isinstance(plugins[0], dict):  # a .conflist
        document = {
            **plugins[0],
            "name": document.get("name"),
            "cniVersion": document.get("cniVersion"),
        }
    config = parse_config(document)
    return {family: list(names) for family, names in config.defaults.items()}, config.clean_gateway

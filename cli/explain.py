"""`poolweaver explain pod`: the decision, without claiming."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cli.decision_text import decision_text
from cli.kinds import DEFAULT_NAMESPACE, KINDS
from cli.stores import now_seconds, opened
from ipam.cni_config import decode, parse_config
from ipam.explain import explain
from ipam.request import Request
from model.errors import EXIT_NO_ADDRESS, ConfigurationError
from model.facts import PodFacts
from model.leases import Attachment


@click.command("explain")
@click.argument("target", metavar="pod [NAMESPACE/]NAME", nargs=-1, required=True)
@click.option(
    "--namespace", "-n", help="The Pod's namespace. Default: that of NAME, else `default`."
)
@click.option("--nic", default="eth0", show_default=True, help="The interface, as in CNI_IFNAME.")
@click.option("--node", help="The node. Default: the Pod's spec.nodeName.")
@click.option("--cni-conf", metavar="FILE", help="The CNI configuration, for its default pools.")
@click.option("--all", "everything", is_flag=True, help="List every candidate, however many.")
@click.option("--output", "-o", type=click.Choice(["text", "json"]), default="text")
@click.pass_context
def command(
    context: click.Context,
    target: tuple[str, ...],
    namespace: str | None,
    nic: str,
    node: str | None,
    cni_conf: str | None,
    everything: bool,
    output: str,
) -> None:
    """Say which pool a Pod's interface would get, or none, and why.

    Shows every check of every candidate pool, the order, and the address that would be claimed
    now; claims nothing. Exits with 4 where the Pod would get none.
    """
    pod_namespace, pod_name = _pod(target, namespace)
    defaults, clean = _cni_defaults(cni_conf)
    with opened(context) as store:
        if node is None:
            known = store.facts.pod(pod_namespace, pod_name, "")
            node = known.node_name if isinstance(known, PodFacts) else ""
        request = Request(
            Attachment(node, "", "", nic), pod_namespace, pod_name, "", defaults, {}, clean
        )
        decision = explain(store, request, now_seconds())
    if output == "json":
        click.echo(json.dumps(decision.to_json(), indent=2))
    else:
        click.echo(decision_text(decision, everything))
    if decision.error:
        context.exit(EXIT_NO_ADDRESS)


def _pod(target: tuple[str, ...], namespace: str | None) -> tuple[str, str]:
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

"""`poolweaver simulate`: what would happen to the workloads in some manifests."""

from __future__ import annotations

import json

import click

from cli.inputs import read_inputs
from cli.listing import items_of, pool_row
from cli.stores import now_seconds
from cli.tables import table
from ipam.scratch import scratch_store
from ipam.simulate import SimulatedPod, simulate
from model.addresses import address_text
from model.errors import EXIT_NO_ADDRESS
from policy.reasons import NEAREST, nearest_misses, why_not

HEADINGS = ("NAMESPACE", "NAME", "READY", "STATUS", "IP", "NODE")
POOL_HEADINGS = ("NAME", "VERSION", "SUBNET", "ALLOCATED-IP-COUNT", "TOTAL-IP-COUNT", "DEFAULT")
NIC_HEADINGS = ("NAMESPACE", "NAME", "INTERFACE", "IPV4POOL", "IPV4", "IPV6POOL", "IPV6", "NODE")


@click.command("simulate")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--recursive", "-R", is_flag=True, help="Look into folders below.")
@click.option("--fail-on-refused", is_flag=True, help="Exit 4 if a Pod gets no address.")
@click.option("--verify-index", is_flag=True, help="Check the index against the rules, too.")
@click.option("--output", "-o", type=click.Choice(["table", "json"]), default="table")
@click.pass_context
def command(
    context: click.Context,
    paths: tuple[str, ...],
    recursive: bool,
    fail_on_refused: bool,
    verify_index: bool,
    output: str,
) -> None:
    """Start the workloads in PATH on the Nodes in PATH, in a scratch store, and print the outcome.

    Nothing outside is read or changed. A Pod without nodeName goes to the node that passes its
    nodeSelector and has fewest Pods.
    """
    inputs = read_inputs(paths, recursive)
    with scratch_store(inputs, {}, now_seconds()) as store:
        pods = simulate(store, now_seconds(), verifying_index=verify_index)
        pools = [pool_row(item) for item in items_of(store, "SpiderIPPool", None)]
    if output == "json":
        click.echo(json.dumps(_document(pods, pools), indent=2))
    else:
        _print(paths, pods, pools)
    if fail_on_refused and any(pod.refusal or pod.reason for pod in pods):
        context.exit(EXIT_NO_ADDRESS)


def _print(paths: tuple[str, ...], pods: list[SimulatedPod], pools: list[dict[str, str]]) -> None:
    click.echo(click.style(f"# {' '.join(paths)}", bold=True))
    if pools:
        click.echo(table(POOL_HEADINGS, [[row[h] for h in POOL_HEADINGS] for row in pools]))
    else:
        click.echo("no SpiderIPPool")
    click.echo()
    if not pods:
        click.echo("no Pods: nothing among the manifests creates any")
        return
    click.echo(table(HEADINGS, [_pod_row(pod) for pod in pods]))
    if any(len(pod.leases) > 1 for pod in pods):
        click.echo()
        rows = [row for pod in pods for row in _nic_rows(pod)]
        click.echo(table(NIC_HEADINGS, rows))
    for pod in pods:
        _print_reason(pod)


def _pod_row(pod: SimulatedPod) -> list[str]:
    running = pod.status == "Running"
    addresses = pod.leases[0][1] if pod.leases else ()
    text = ",".join(address_text(lease.family, lease.address) for lease in addresses)
    ready = "1/1" if running else "0/1"
    return [pod.facts.namespace, pod.facts.name, ready, pod.status, text, pod.facts.node_name]


def _nic_rows(pod: SimulatedPod) -> list[list[str]]:
    """One row an interface, with the columns of Spiderpool's SpiderEndpoint."""
    rows = []
    for nic, leases in pod.leases:
        cells = {lease.family: [lease.pool, lease.answer.address] for lease in leases}
        v4, v6 = cells.get(4, ["", ""]), cells.get(6, ["", ""])
        rows.append([pod.facts.namespace, pod.facts.name, nic, *v4, *v6, pod.facts.node_name])
    return rows


def _print_reason(pod: SimulatedPod) -> None:
    """Why a Pod has no address: for pools that do not match, each with its failing checks."""
    name = f"{pod.facts.namespace}/{pod.facts.name}"
    if pod.reason:
        click.echo(f"\n{name} is not started: {pod.reason}")
    if not pod.refusal or not pod.refusal.error:
        return
    error = pod.refusal.error
    click.echo(
        f"\n{name} gets no address on {pod.refusal.nic}: {click.style(error.code, fg='red')}"
    )
    if error.code != "no-matching-pool":
        click.echo(f"  {error.message}\n  hint: {error.hint}")
        return
    for family in pod.refusal.families:
        for candidate in nearest_misses(family):
            click.echo(f"  {candidate.pool}: {why_not(candidate)}")
            places = ", ".join(dict.fromkeys(str(c.span) for c in candidate.failed if c.span))
            if places:
                click.echo(f"    at {places}")
        more = len([c for c in family.candidates if not c.rank]) - NEAREST
        if more > 0:
            click.echo(f"  and {more} more IPv{family.family} pools that do not match")


def _document(pods: list[SimulatedPod], pools: list[dict[str, str]]) -> dict[str, object]:
    return {
        "pods": [
            {
                "namespace": pod.facts.namespace,
                "name": pod.facts.name,
                "node": pod.facts.node_name or None,
                "status": pod.status,
                "interfaces": [
                    {
                        "name": nic,
                        "addresses": [
                            {"address": lease.answer.address, "pool": lease.pool}
                            for lease in leases
                        ],
                    }
                    for nic, leases in pod.leases
                ],
                "decision": pod.refusal.to_json() if pod.refusal else None,
                "reason": pod.reason or None,
            }
            for pod in pods
        ],
        "pools": [
            {
                "name": row["NAME"],
                "allocatedIPCount": int(row["ALLOCATED-IP-COUNT"]),
                "totalIPCount": int(row["TOTAL-IP-COUNT"]),
            }
            for row in pools
        ],
    }

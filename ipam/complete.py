"""Whether a list of Pods can be all the Pods there are, judged by what the store knows.

A list that was made with `-n`, `-l` or for another node looks like any other. Who is not in it
would count as gone.
"""

from __future__ import annotations

from collections.abc import Sequence

from model.errors import ConfigurationError, ManifestError
from model.facts import PodFacts
from model.leases import BOUND
from policy.pod_list import incomplete
from store.store import Store

_FORCE = "; add --force if it is"
MOST_NAMED = 3


def check_complete(store: Store, pods: Sequence[PodFacts], file: str) -> None:
    """ManifestError with code `incomplete-list` where the list cannot be whole.

    That is: it is empty, has the Pods of one namespace or of one node alone, and leases are bound
    to Pods elsewhere. A no-op where no Pod holds anything.
    """
    held = _held_namespaces(store)
    if not held:
        return
    error = _empty(pods, held, file) or _one_namespace(pods, held, file)
    error = error or _one_node(pods, store.settings.bound_node(), file)
    if error is not None:
        raise error


def check_known_pods(store: Store) -> None:
    """ConfigurationError where no Pod was ever applied, and yet Pods hold something."""
    held = _held_namespaces(store)
    if held and not store.objects.list("Pod"):
        raise ConfigurationError(
            f"the store knows no Pod, but leases are held in {_named(held)}",
            "give the Pods there are with `--pods`; add --force if there truly is none",
            code="invalid-argument",
        )


def _empty(pods: Sequence[PodFacts], held: set[str], file: str) -> ManifestError | None:
    if pods:
        return None
    hint = f"see that it is the list of all Pods of all namespaces{_FORCE}"
    message = f"the list has no Pod, but leases are held in {_named(held)}"
    return incomplete(file, message, hint)


def _one_namespace(pods: Sequence[PodFacts], held: set[str], file: str) -> ManifestError | None:
    (first, *others) = {pod.namespace for pod in pods}
    elsewhere = held - {first}
    if others or not elsewhere:
        return None
    message = (
        f"the list has Pods of namespace `{first}` alone, but leases are held in "
        f"{_named(elsewhere)}"
    )
    return incomplete(file, message, f"print all namespaces: `kubectl get pods -A`{_FORCE}")


def _one_node(pods: Sequence[PodFacts], bound_node: str | None, file: str) -> ManifestError | None:
    nodes = {pod.node_name for pod in pods if pod.node_name}
    if bound_node is None or len(nodes) != 1 or bound_node in nodes:
        return None
    message = (
        f"the list has Pods of node `{nodes.pop()}` alone, but the store serves `{bound_node}`"
    )
    return incomplete(file, message, f"print the Pods of all nodes, or of that one{_FORCE}")


def _held_namespaces(store: Store) -> set[str]:
    """The namespaces of Pods that hold something."""
    names = [name for family in (4, 6) for name in store.pools.names(family)]
    return {
        lease.holder.pod_namespace
        for name in names
        for lease in store.leases.by_pool(name)
        if lease.state == BOUND and lease.holder.pod_name
    }


def _named(namespaces: set[str]) -> str:
    names = sorted(namespaces)
    text = ", ".join(f"`{name}`" for name in names[:MOST_NAMED])
    more = len(names) - MOST_NAMED
    return f"namespace {text}" + (f" and {more} more" if more > 0 else "")

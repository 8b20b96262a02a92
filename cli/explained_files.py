"""`explain -f`: the world that some manifests describe, and the Pod in it that is asked about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from cli.inputs import read_inputs
from cli.stores import now_seconds
from ipam.scratch import scratch_store
from ipam.simulate import plan_pods
from model.errors import ConfigurationError, NotFoundError
from model.facts import NamespaceFacts, NodeFacts, PodFacts, Unknown
from policy.reasons import NOT_IN_FILES
from store.facts import StoredFacts
from store.store import Store

MOST_NAMED = 10  # Pods that an error lists


@contextmanager
def files_store(
    filenames: Sequence[str],
    recursive: bool,
    settings: Sequence[str],
    named: tuple[str, str] | None,
) -> Iterator[tuple[Store, tuple[str, str]]]:
    """A scratch store of the files, and the Pod's namespace and name; nothing else is read.

    Workloads are expanded to Pods, and Pods placed on Nodes, as `simulate` does. `named` None: the
    one Pod there is. `NotFoundError` if there is no such Pod, `ConfigurationError` where none is
    named and there are several.
    """
    pairs = dict(_setting(text) for text in settings)
    inputs = read_inputs(filenames, recursive)
    with scratch_store(inputs, pairs, now_seconds()) as store:
        pods = [(p.facts.namespace, p.facts.name) for p in plan_pods(store, now_seconds())]
        yield FilesStore(store.database), _chosen(pods, named)


class FilesStore(Store):
    """A scratch store whose missing facts are missing in the files, for who reads of them."""

    @property
    def facts(self) -> FactsOfFiles:
        """The facts of what the files hold."""
        return FactsOfFiles(self.database)


class FactsOfFiles(StoredFacts):
    """Facts of the objects of some files."""

    def pod(self, namespace: str, name: str, uid: str) -> PodFacts | Unknown:
        """The Pod."""
        found = super().pod(namespace, name, uid)
        return _missing(found, f"Pod `{namespace}/{name}`") if isinstance(found, Unknown) else found

    def namespace(self, name: str) -> NamespaceFacts | Unknown:
        """The Namespace."""
        found = super().namespace(name)
        return _missing(found, f"Namespace `{name}`") if isinstance(found, Unknown) else found

    def node(self, name: str) -> NodeFacts | Unknown:
        """The Node."""
        found = super().node(name)
        return _missing(found, f"Node `{name}`") if isinstance(found, Unknown) else found


def _missing(unknown: Unknown, told: str) -> Unknown:
    return unknown.replace(reason=f"{NOT_IN_FILES} {told}", hint="give its manifest with -f, too")


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"write --set KEY=VALUE, not `--set {text}`")
    return key, value


def _chosen(pods: Sequence[tuple[str, str]], named: tuple[str, str] | None) -> tuple[str, str]:
    if named in pods:
        assert named is not None
        return named
    if named is not None:
        raise NotFoundError(
            f"the files hold no Pod `{named[0]}/{named[1]}`, and no workload that makes it",
            f"they hold {_listed(pods)}" if pods else "they hold no Pods at all",
        )
    if len(pods) == 1:
        return pods[0]
    raise ConfigurationError(
        f"the files hold {len(pods) or 'no'} Pods, and none is named",
        f"write `explain pod NAME -f ...`: they hold {_listed(pods)}"
        if pods
        else "add the manifest of a Pod, or of a workload that makes it",
        code="invalid-argument",
    )


def _listed(pods: Sequence[tuple[str, str]]) -> str:
    names = [f"`{namespace}/{name}`" for namespace, name in pods[:MOST_NAMED]]
    rest = len(pods) - len(names)
    return ", ".join(names) + (f" and {rest} more" if rest else "")

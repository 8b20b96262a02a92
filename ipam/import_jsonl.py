"""IMPORT of an export: its settings, objects, pools, leases and journal, all or nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from ipam.apply import load_without_collector
from ipam.jsonl_lines import Lines, placed, read_lines
from ipam.restoring import Restoring
from ipam.settings import change_setting
from model.errors import ConfigurationError, InvalidManifestsError, ManifestError
from policy.conflicts import conflict_error
from policy.load import Loaded
from policy.settings import AuthoringSettings
from store.store import Store
from store.whole import as_one


@dataclass(frozen=True, slots=True)
class JsonlReport:
    """What became of everything: counts by `created`, `configured`, `unchanged` or `taken over`."""

    settings: Counter[str]
    pools: Counter[str]
    objects: Counter[str]
    leases: Counter[str]
    changes: int
    skipped: dict[str, int]


def import_jsonl(
    store: Store, file: str, data: bytes, now_seconds: int, *, dry_run: bool = False
) -> JsonlReport:
    """Put what an export holds into the store, beside what is there.

    In one transaction: raises `InvalidManifestsError` with every conflict, each at its line, and
    changes nothing then. A lease is taken over if its address is in its pool and nobody holds it,
    and is unchanged if it is here already. A journal is taken into a store without one alone.
    Repeating it changes nothing. `dry_run` does everything and keeps nothing.
    """
    lines = read_lines(file, data)
    namespace = lines.settings.get("namespace", (store.settings.get("namespace"), None))[0]
    # As they are stored: families that are switched off may have their pools.
    settings = AuthoringSettings(str(namespace))
    try:
        loaded = load_without_collector([(file, lines.manifest_text)], settings)
    except InvalidManifestsError as error:
        lines.errors.extend(error.errors)
        loaded = Loaded()
    _stop_at(lines)
    with as_one(store, dry_run=dry_run) as whole:
        changed = _settings(whole, lines, now_seconds)
        results = whole.writer.compare(loaded.pools, loaded.objects)
        conflicts = whole.writer.write(loaded.pools, loaded.objects, {}, now_seconds)
        lines.errors += [conflict_error(one, loaded.specs[one.pool]) for one in conflicts]
        _stop_at(lines)
        restoring = Restoring(whole, lines, now_seconds)
        restoring.run()
        _stop_at(lines)
    pools = {pool.name for pool in loaded.pools}
    kinds = Counter[str](results["SpiderIPPool", "", name] for name in pools)
    others = Counter[str](results[one.kind, one.namespace, one.name] for one in loaded.objects)
    return JsonlReport(
        changed, kinds, others, restoring.leases, restoring.changes, loaded.skipped_counts()
    )


def _stop_at(lines: Lines) -> None:
    """Raise everything that is wrong so far, in the order of lines."""

    def line_of(error: ManifestError) -> tuple[int, int]:
        return (error.span.line, error.span.column) if error.span else (0, 0)

    if lines.errors:
        raise InvalidManifestsError(sorted(lines.errors, key=line_of))


def _settings(whole: Store, lines: Lines, now_seconds: int) -> Counter[str]:
    results: Counter[str] = Counter()
    for key, (value, span) in lines.settings.items():
        try:
            text = whole.settings.check(key, value)
            same = text == whole.settings.check(key, whole.settings.get(key))
            if not same:
                change_setting(whole, key, text, now_seconds)
            results["unchanged" if same else "configured"] += 1
        except ConfigurationError as error:
            lines.errors.append(placed(error, span))
    _bind(whole, lines)
    return results


def _bind(whole: Store, lines: Lines) -> None:
    if lines.node is None:
        return
    node, span = lines.node
    bound = whole.settings.bind_node(node)
    if bound != node and whole.settings.get("node_binding"):
        message = f"the export is of the store of node `{node}`, and this one serves `{bound}`"
        hint = "give each node a store of its own, or switch `node_binding` off (in a laboratory)"
        lines.errors.append(ManifestError(message, hint, span, "invalid-value", "node"))

"""Whole pools between rows of the tables and records. Authoring time."""

from __future__ import annotations

from hashlib import sha256
from json import dumps, loads
from typing import TYPE_CHECKING

from model.addresses import address_bytes
from model.intervals import size
from model.pools import PoolRecord
from model.rules import LANGUAGE_VERSION
from model.spans import Span
from store.pool_anchors import read_alternatives
from store.pool_rows import SERVING_COLUMNS, serving_pool
from store.ranges import pack, unpack

if TYPE_CHECKING:
    from store.database import Row

WHOLE = (
    f"SELECT {SERVING_COLUMNS}, ranges, manifest, text, quarantine_seconds, "
    "revision, created_at, spans, sort, alternatives "
    "FROM pool JOIN rule_text ON rule_text.digest = rule_digest"
)
APPLIED_COLUMNS = (
    "name, family, subnet_first, prefix_bits, gateway, routes, body, priority, is_default, "
    "disabled, terminating, digest, rule_digest, quarantine_seconds, ranges, total, manifest"
)


def pool_record(row: Row) -> PoolRecord:
    """The pool of a row of `WHOLE`."""
    try:
        ranges, manifest, text, quarantine, revision, created_at, spans = row[12:19]
        sort, alternatives = row[19:]
        return PoolRecord(
            serving_pool(row, tuple(Span(*span) for span in loads(spans))),
            unpack(ranges),
            loads(manifest),
            text,
            quarantine,
            str(revision),
            created_at,
            sort,
            read_alternatives(alternatives),
        )
    except (ValueError, KeyError, TypeError, IndexError) as error:
        from store.failures import unreadable  # noqa: PLC0415 - costs nothing until then

        raise unreadable("a pool") from error


class AppliedPool:
    """A pool made ready for writing, outside any lock.

    `values` are those of `APPLIED_COLUMNS`; `content` is their digest, so that an equal one means
    that nothing changed; `weight` is the pool's summand in the digest of all rules; `anchors` are
    the values of `sort` and `alternatives`, which follow from the others.
    """

    __slots__ = ("anchors", "content", "record", "rule_digest", "spans", "values", "weight")

    def __init__(self, record: PoolRecord) -> None:
        rules, serving = record.serving.rules, record.serving
        self.record = record
        self.rule_digest = sha256(record.rule_text.encode()).hexdigest()
        self.spans = dumps([_span_values(span) for span in rules.spans])
        routes = dumps([list(route) for route in serving.routes])
        flags = (int(rules.default), int(rules.disabled), int(rules.terminating))
        self.values: tuple[object, ...] = (
            rules.name,
            rules.family,
            address_bytes(rules.family, serving.subnet_first),
            serving.prefix_bits,
            serving.gateway,
            routes,
            dumps({"checks": rules.checks, "ranked": list(rules.ranked)}),
            rules.priority,
            *flags,
            rules.digest,
            self.rule_digest,
            record.quarantine_seconds,
            pack(record.ranges),
            str(size(record.ranges)),
            dumps(record.manifest, sort_keys=True),
        )
        self.anchors = (record.sort, dumps(record.alternatives))
        self.content = sha256(repr(self.values).encode()).hexdigest()
        self.weight = pool_weight(
            rules.name,
            rules.digest,
            self.rule_digest,
            flags,
            rules.priority,
            serving.gateway,
            routes,
        )

    @property
    def is_filed(self) -> bool:
        """Whether the pool has anchor rows: it may serve, though nobody names it."""
        rules = self.record.serving.rules
        serves = rules.default and not rules.disabled and not rules.terminating
        return serves and len(self.record.alternatives) > 0

    @property
    def rule_row(self) -> tuple[object, ...]:
        """The row of `rule_text`."""
        return self.rule_digest, LANGUAGE_VERSION, self.record.rule_text, self.spans


def pool_weight(
    name: str,
    digest: str,
    rule_digest: str,
    flags: tuple[int, int, int],
    priority: int,
    gateway: str,
    routes: str,
) -> bytes:
    """A pool's summand in the digest of all rules: of all that a decision or its answer reads."""
    text = dumps([name, digest, rule_digest, *flags, priority, gateway, routes])
    return sha256(text.encode()).digest()


def _span_values(span: Span) -> list[object]:
    return [span.file, span.line, span.column, span.end_line, span.end_column]

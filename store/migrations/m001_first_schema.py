"""Schema 1: the tables a store began with.

Addresses are BLOBs in network byte order (4 or 16 bytes), so that they sort as numbers do; counts
that may pass 2**63 are decimal text. Times are UTC seconds since the epoch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from store.database import APPLICATION_ID
from store.migrations import statements

if TYPE_CHECKING:
    from sqlite_utils import Database as Tables

_POOLS = """
CREATE TABLE pool (
  name TEXT PRIMARY KEY,
  family INTEGER NOT NULL,
  subnet_first BLOB NOT NULL,
  prefix_bits INTEGER NOT NULL,
  gateway TEXT NOT NULL,
  routes TEXT NOT NULL,
  body TEXT NOT NULL,                -- JSON: checks, ranked
  priority INTEGER NOT NULL,
  is_default INTEGER NOT NULL,
  disabled INTEGER NOT NULL,
  terminating INTEGER NOT NULL,
  digest TEXT NOT NULL,              -- of the compiled rules, as policy names it
  rule_digest TEXT NOT NULL,         -- of the text, the key of rule_text
  quarantine_seconds INTEGER,        -- NULL: the setting holds
  ranges TEXT NOT NULL,              -- ips without excludeIPs (store/ranges.py)
  claimable TEXT NOT NULL,           -- ranges without reserved addresses
  total TEXT NOT NULL,               -- how many addresses ranges holds
  claimable_total TEXT NOT NULL,
  manifest TEXT NOT NULL,
  content TEXT NOT NULL,             -- digest of everything applied: equal means unchanged
  weight BLOB NOT NULL,              -- summand of meta.rules_digest, 32 bytes
  revision INTEGER NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX pool_by_default ON pool (family, name) WHERE is_default;
CREATE INDEX pool_by_subnet ON pool (family, subnet_first, prefix_bits);
CREATE INDEX pool_by_terminating ON pool (name) WHERE terminating;
CREATE INDEX pool_by_rule ON pool (rule_digest);
CREATE TABLE rule_text (
  digest TEXT PRIMARY KEY,
  language INTEGER NOT NULL,
  text TEXT NOT NULL,
  spans TEXT NOT NULL                -- JSON: where in the manifest each check comes from
);
-- Invariant: the rows of a family are disjoint, over all pools.
CREATE TABLE pool_range (
  family INTEGER NOT NULL,
  first BLOB NOT NULL,
  last BLOB NOT NULL,
  pool TEXT NOT NULL,
  PRIMARY KEY (family, first)
) WITHOUT ROWID;
CREATE INDEX pool_range_by_pool ON pool_range (pool);
-- Invariant: the union of all SpiderReservedIP objects, in normal form.
CREATE TABLE reserved_range (
  family INTEGER NOT NULL,
  first BLOB NOT NULL,
  last BLOB NOT NULL,
  PRIMARY KEY (family, first)
) WITHOUT ROWID;
CREATE TABLE pool_usage (
  pool TEXT PRIMARY KEY,
  allocated INTEGER NOT NULL DEFAULT 0,           -- bound and kept
  resting INTEGER NOT NULL DEFAULT 0,
  allocated_reserved INTEGER NOT NULL DEFAULT 0   -- of allocated: reserved, so not claimable
) WITHOUT ROWID;
"""

_OBJECTS = """
CREATE TABLE object (
  kind TEXT NOT NULL,
  namespace TEXT NOT NULL,           -- empty for cluster-scoped kinds
  name TEXT NOT NULL,
  uid TEXT NOT NULL,
  facts TEXT NOT NULL,
  manifest TEXT NOT NULL,
  source TEXT NOT NULL,
  content TEXT NOT NULL,
  revision INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (kind, namespace, name)
);
CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES ('rules_digest', '0'), ('revision', '0');
"""

_LEASES = """
CREATE TABLE lease (
  family INTEGER NOT NULL,
  address BLOB NOT NULL,
  pool TEXT NOT NULL,
  state TEXT NOT NULL,               -- bound, kept, resting
  node TEXT NOT NULL,
  network TEXT NOT NULL,
  container_id TEXT NOT NULL,
  ifname TEXT NOT NULL,
  pod_namespace TEXT NOT NULL,
  pod_name TEXT NOT NULL,
  pod_uid TEXT NOT NULL,
  tenant TEXT NOT NULL,
  answer TEXT NOT NULL,              -- JSON: address, gateway, routes
  changed_at INTEGER NOT NULL,
  rests_until INTEGER NOT NULL,
  rules_digest TEXT NOT NULL,
  decision TEXT NOT NULL,
  revision INTEGER NOT NULL,         -- the id of the journal row that tells of this state
  claim INTEGER NOT NULL,            -- one number for all leases of one claim
  family_count INTEGER NOT NULL,     -- and how many they were, one a family
  reserved INTEGER NOT NULL,         -- whether a SpiderReservedIP holds the address by now
  PRIMARY KEY (family, address)
);
CREATE UNIQUE INDEX lease_by_attachment ON lease (container_id, ifname, network, node, family)
  WHERE state = 'bound';
CREATE INDEX lease_by_tenant ON lease (tenant) WHERE tenant <> '';
CREATE INDEX lease_by_pool ON lease (pool, state, rests_until, address);
CREATE INDEX lease_by_pod ON lease (pod_namespace, pod_name) WHERE state <> 'resting';
CREATE INDEX lease_reserved ON lease (pool) WHERE reserved;
CREATE INDEX lease_kept ON lease (tenant, family, address) WHERE state = 'kept';
-- Leases whose holder reconcile found gone; one whose revision is not the lease's says nothing.
CREATE TABLE sighting (
  family INTEGER NOT NULL,
  address BLOB NOT NULL,
  revision INTEGER NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (family, address)
) WITHOUT ROWID;
CREATE TABLE node (
  family INTEGER NOT NULL,
  level INTEGER NOT NULL,
  idx BLOB NOT NULL,                 -- big-endian, without leading zeros
  bits BLOB NOT NULL,                -- little-endian, without trailing zeros
  PRIMARY KEY (family, level, idx)
) WITHOUT ROWID;
CREATE TABLE journal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  event TEXT NOT NULL,               -- claimed, taken-over, kept, released, reclaimed
  family INTEGER NOT NULL,
  address BLOB NOT NULL,
  pool TEXT NOT NULL,
  node TEXT NOT NULL,
  network TEXT NOT NULL,
  container_id TEXT NOT NULL,
  ifname TEXT NOT NULL,
  pod_namespace TEXT NOT NULL,
  pod_name TEXT NOT NULL,
  pod_uid TEXT NOT NULL,
  tenant TEXT NOT NULL,
  rules_digest TEXT NOT NULL,
  decision TEXT NOT NULL             -- why the pool was chosen, or why the lease was let go of
);
CREATE INDEX journal_by_address ON journal (family, address);
CREATE INDEX journal_by_pod ON journal (pod_namespace, pod_name);
"""


def migrate(tables: Tables) -> None:
    """Everything above, and the mark that tells our files from others."""
    for statement in statements(_POOLS + _OBJECTS + _LEASES):
        tables.execute(statement)
    tables.execute(f"PRAGMA application_id = {APPLICATION_ID}")

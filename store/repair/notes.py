"""What stands beside leases and pools: settings, sightings, and the JSON texts of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from model.addresses import address_from_bytes, address_text
from model.errors import ConfigurationError
from store.repair.problems import APPLY, CONFIGURE, Problem
from store.setting_values import checked_text
from store.settings import DEFAULTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from store.database import Database

TITLE = "settings, sightings and objects"
_JSON = (
    "SELECT kind, namespace, name FROM object WHERE NOT (json_valid(facts) AND "
    "json_valid(manifest)) UNION ALL SELECT 'SpiderIPPool', '', name FROM pool WHERE NOT "
    "(json_valid(routes) AND json_valid(manifest) AND CASE WHEN json_valid(body) THEN json_type("
    "body, '$.checks') IS 'array' AND json_type(body, '$.ranked') IS 'array' ELSE 0 END) "
    "ORDER BY 1, 2, 3"
)
# One of a revision that no lease has had yet would speak of a lease that is to come.
_SPENT = (
    "max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'journal'), 0), "
    "coalesce((SELECT max(revision) FROM lease), 0))"
)
_AHEAD = f"FROM sighting WHERE revision > {_SPENT} OR length(address) NOT IN (4, 16)"


def find(database: Database) -> Iterator[Problem]:
    """Settings without sense, sightings of what has never been, and texts that are no JSON."""
    for key, value in database.rows("SELECT key, value FROM setting ORDER BY key"):
        if key in DEFAULTS and not _is_valid(key, value):
            message = f"the setting `{key}` has the value `{value}`, which makes no sense"
            yield Problem("setting", message, CONFIGURE)
    for (address,) in database.rows(f"SELECT address {_AHEAD} ORDER BY family, address"):
        text = address_text(*address_from_bytes(address))
        message = f"the absence of the holder of `{text}` was noted for a lease that never was"
        yield Problem("sighting", message, address=text)
    for kind, namespace, name in database.rows(_JSON):
        full = f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"
        yield Problem("object", f"the {full} cannot be read", APPLY)


def mend(database: Database) -> None:
    """Forgets the sightings that say nothing."""
    database.run(f"DELETE {_AHEAD}")


def _is_valid(key: str, value: str) -> bool:
    try:
        return checked_text(key, value, DEFAULTS) == value
    except ConfigurationError:
        return False

"""One store of every schema there was, as the program of its day left it, and what was in it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SCHEMAS = sorted(int(path.name[7:-6]) for path in FOLDER.glob("schema-*.db.gz"))


def unpack_sample(schema: int, path: str | Path) -> Path:
    """Puts the sample of a schema at `path`."""
    Path(path).write_bytes(gzip.decompress((FOLDER / f"schema-{schema}.db.gz").read_bytes()))
    return Path(path)


def contents_then(schema: int) -> Any:
    """What was read from the sample on the day it was made."""
    return json.loads((FOLDER / f"schema-{schema}.json").read_text(encoding="utf-8"))

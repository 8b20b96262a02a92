"""Any bytes for the client's reader of JSON, under clang's sanitizers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.shim.build import SANITIZERS, SHIM, compiled

RUNS = 5_000_000 if os.environ.get("POOLWEAVER_SOAK") else 200_000
SEEDS = (
    b'{"cniVersion": "1.1.0", "ipam": {"type": "poolweaver", "socket": "/run/a.sock"}}',
    b'{"a": [1, -2.5e3, true, null, {"b": "\\u00e9\\ud83d\\ude00"}], "ipam": {"socket": "\\"\\\\"}}',
    b'{"ipam": {"socket": "',
)


def test_no_bytes_lead_the_reader_out_of_bounds(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for number, seed in enumerate(SEEDS):
        (corpus / str(number)).write_bytes(seed)
    words = tmp_path / "words"
    words.write_text(
        "\n".join(f'"{w}"' for w in (r"\"ipam\"", r"\"socket\"", r"\\u", "{", "[", ":"))
    )
    sources = (SHIM / "json.c", Path(__file__).with_name("fuzz_json.c"))
    fuzzer = compiled(tmp_path, *SANITIZERS, "-fsanitize=fuzzer", sources=sources)
    command = [
        str(fuzzer),
        f"-runs={RUNS}",
        "-seed=1",
        "-max_len=4096",
        f"-dict={words}",
        str(corpus),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-4000:]

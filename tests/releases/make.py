"""Keep a small database of this release for the upgrade test: `python tests/releases/make.py` (both databases).

Writes tests/releases/<version>/{sqlite,postgresql}.backup.gz and .keys.json: invented tips, invented keys.
"""

from __future__ import annotations

import gzip
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parent / "flows")]

import postgres  # noqa: E402
from stack import running  # noqa: E402
from test_nothing_readable import fill  # noqa: E402

from tocsin import __version__  # noqa: E402


def keep(kind: str) -> None:
    """One database of this kind, filled by a whole walk, as a backup."""
    folder = HERE / __version__
    folder.mkdir(exist_ok=True)
    with running("release") as stack, tempfile.TemporaryDirectory() as out:
        fill(stack)
        file = Path(out) / "backup"
        stack.tocsin("backup", str(file))
        (folder / f"{kind}.backup.gz").write_bytes(gzip.compress(file.read_bytes(), 9, mtime=0))
        (folder / f"{kind}.keys.json").write_bytes((Path(out) / "backup.keys").read_bytes())


if __name__ == "__main__":
    os.environ.pop("DATABASE_URL", None)
    keep("sqlite")
    with postgres.server() as url:
        os.environ["DATABASE_URL"] = url
        keep("postgresql")

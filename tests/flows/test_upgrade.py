"""A database of every release that landed comes up with today's code: nothing is lost, the audit still holds."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from stack import running
from test_nothing_readable import NARRATIVE

pytestmark = pytest.mark.journey

RELEASES = sorted(
    path for path in (Path(__file__).resolve().parents[1] / "releases").iterdir() if path.is_dir()
)

READ = """
from tocsin.cases.models import Case
from tocsin.dispatch.models import Dispatch
from tocsin.tips import queries
from tocsin.tips.models import Tip
print(json.dumps([queries.narrative(Tip.objects.get(), None), Case.objects.count(), Dispatch.objects.count()]))
"""


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_a_database_of_a_release_comes_up_today(release: Path, tmp_path: Path) -> None:
    with running("upgrade", empty=True) as stack:
        kind = "postgresql" if "DATABASE_URL" in stack.env else "sqlite"
        backup = tmp_path / "backup"
        backup.write_bytes(gzip.decompress((release / f"{kind}.backup.gz").read_bytes()))
        (tmp_path / "backup.keys").write_bytes((release / f"{kind}.keys.json").read_bytes())
        stack.tocsin("restore", str(backup), *(["--force"] if kind == "postgresql" else []))
        stack.tocsin("init")
        stack.tocsin("worker", "--once")
        narrative, cases, dispatches = stack.script(READ)
        assert narrative == NARRATIVE
        assert (cases, dispatches >= 2) == (1, True)
        assert json.loads(stack.tocsin("audit", "verify", "--json").stdout)["broken_at"] is None


def test_there_is_a_database_to_upgrade() -> None:
    assert RELEASES

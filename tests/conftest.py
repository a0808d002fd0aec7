"""The ground of every test: a home of its own, fresh keys, SQLite unless DATABASE_URL names PostgreSQL."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

HOME = Path(tempfile.mkdtemp(prefix="tocsin-test-"))
for name in [key for key in os.environ if key.startswith("TOCSIN_")]:
    del os.environ[name]
os.environ.update(
    TOCSIN_HOME=str(HOME),
    TOCSIN_DEMONSTRATION="yes",
    TOCSIN_HOSTS="localhost,testserver,127.0.0.1",
    TOCSIN_PUBLIC_URL="http://localhost:8000",
    DJANGO_SETTINGS_MODULE="tocsin.server.settings",
)

from tocsin.lib import keys  # noqa: E402 - the environment above comes first

keys.make()

from django.conf import settings  # noqa: E402

settings.DATABASES["default"]["TEST"] = (
    {"NAME": str(HOME / "test.sqlite3")}
    if (settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"))
    else {}
)
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
settings.PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher"
]  # many sign-ins, invented people

import pytest  # noqa: E402

AUDIT_GUARDS = {
    # transactional tests empty every table at their end; the audit's triggers rightly refuse, so the flush (and
    # nothing else) steps around them
    "sqlite": (
        ["DROP TRIGGER IF EXISTS audit_no_delete"],
        [
            "CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON audit_auditrow "
            "BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END"
        ],
    ),
    "postgresql": (
        ["ALTER TABLE audit_auditrow DISABLE TRIGGER USER"],
        ["ALTER TABLE audit_auditrow ENABLE TRIGGER USER"],
    ),
}


def _let_the_flush_through() -> None:
    from django.db import connection

    before, after = AUDIT_GUARDS[connection.vendor]
    original = connection.ops.sql_flush

    def sql_flush(*args: Any, **kwargs: Any) -> list[str]:
        found = original(*args, **kwargs)
        return [*before, *found, *after] if found else found

    connection.ops.sql_flush = sql_flush  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    _let_the_flush_through()


PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _no_weather_from_another_test() -> None:
    """What one test counted must not raise a hurdle for the next, nor where its steps were: one process, many databases."""
    from tocsin.lib import steps
    from tocsin.tips import flood

    steps.start_over()
    flood.buckets.cache_clear()
    flood._everybody.cache_clear()
    flood.line.cache_clear()


@pytest.fixture(autouse=True, scope="session")
def _home_goes_away() -> Iterator[None]:
    yield
    import shutil

    shutil.rmtree(HOME, ignore_errors=True)


def make_user(name: str, role: str) -> Any:
    from tocsin.accounts.models import User

    return User.objects.create_user(username=name, password=PASSWORD, role=role)


@pytest.fixture
def analyst(db: None) -> Any:
    """Ada, who analyses."""
    return make_user("ada", "analyst")


@pytest.fixture
def reviewer(db: None) -> Any:
    """Ravi, who reviews."""
    return make_user("ravi", "reviewer")


@pytest.fixture
def coordinator(db: None) -> Any:
    """Coco, who coordinates."""
    return make_user("coco", "coordinator")


def _signed_in(user: Any) -> Any:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def analyst_client(analyst: Any) -> Any:
    """A browser in which Ada is signed in."""
    return _signed_in(analyst)


@pytest.fixture
def reviewer_client(reviewer: Any) -> Any:
    """A browser in which Ravi is signed in."""
    return _signed_in(reviewer)


@pytest.fixture
def work(db: None) -> Callable[[], int]:
    """Let the worker walk until nothing is left to do."""
    from tocsin.server.worker import run_until_idle

    return run_until_idle


@pytest.fixture
def directory(db: None) -> None:
    """The demonstration's recipients."""
    from tocsin.directory.load import load_demonstration

    load_demonstration()


@pytest.fixture
def tip(db: None) -> Callable[..., Any]:
    """Send a tip through the front door: `tip("text", danger="yes")` gives the stored row."""
    from tocsin.tips.accept import Incoming, accept
    from tocsin.tips.models import Tip

    def send(text: str, **fields: Any) -> Tip:
        (accepted,) = accept([Incoming(text=text, **fields)])
        return Tip.objects.get(public_id=accepted.public_id)

    return send


def pytest_addoption(parser: pytest.Parser) -> None:
    """Two ways to leave out what the run beside this one, on the other database, does."""
    parser.addoption("--deselect-pure", action="store_true", help="only tests that touch the database")
    parser.addoption(
        "--share", action="store_true", help="tests marked `once` run only on the database they name"
    )


TOUCHING = {"db", "transactional_db", "live_server", "django_db_setup", "stack"}


def _touches(item: pytest.Item) -> bool:
    marked = item.get_closest_marker("django_db") or item.get_closest_marker("journey")
    return marked is not None or bool(TOUCHING & set(getattr(item, "fixturenames", ())))


def _is_ours(item: pytest.Item) -> bool:
    """Whether no `once` mark gives the test to the other database."""
    here = "postgresql" if os.environ.get("DATABASE_URL") else "sqlite"
    once = item.get_closest_marker("once")
    if once is None:
        return True
    if once.args not in (("sqlite",), ("postgresql",)):
        raise pytest.UsageError(
            f"{item.nodeid}: once() names sqlite or postgresql, else it would run nowhere"
        )
    return once.args == (here,)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Pure tests run once; so do those marked `once` while two runs share the work."""
    kept = [
        item
        for item in items
        if (_touches(item) or not config.getoption("--deselect-pure"))
        and (_is_ours(item) or not config.getoption("--share"))
    ]
    if len(kept) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept

"""The door's database role: made and granted here, and asked at start whether it can see too much."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from tocsin.lib import keys

SQL = Path(__file__).parent / "sql" / "door_role.sql"
ROLE = "door"
# none of these may be readable for a process that faces the internet
FORBIDDEN_TABLES = (
    "accounts_user", "cases_case", "cases_note", "identifiers_identifier", "post_message", "tips_mention",
    "dispatch_dispatch", "audit_auditrow", "django_session",
)  # fmt: skip
FORBIDDEN_COLUMNS = (
    ("tips_tip", "narrative_sealed"), ("tips_tip", "contact_sealed"), ("tips_sharedbody", "sealed"),
    ("tips_message", "sealed"), ("tips_objection", "text_sealed"), ("dispatch_answer", "sealed"),
)  # fmt: skip
FORBIDDEN_KEYS = ("hotline.key", "lookup.key", "console.secret")


def exists() -> bool:
    """Whether this PostgreSQL cluster has the role."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
        return cursor.fetchone() is not None


def apply(password: str | None = None) -> None:
    """Make the role where it is missing and grant exactly what it needs; with a password it may sign in.

    The migrations must have run. Raises DatabaseError where this user may not make roles.
    """
    with connection.cursor() as cursor:
        cursor.execute(SQL.read_text(encoding="utf-8"))
        if password is not None:
            from psycopg import sql

            text = sql.SQL("ALTER ROLE door LOGIN PASSWORD {}").format(sql.Literal(password))
            cursor.execute(text.as_string(connection.connection))


def problems() -> list[str]:
    """Why this process may not be a door: each a sentence that says what to do. Empty: it may."""
    found = [
        f"The door can read {name}. Give it a TOCSIN_HOME, environment and credentials with hotline.pub, "
        "text.key and door.secret only."
        for name in FORBIDDEN_KEYS
        if keys.optional(name)
    ]
    if keys.old_names():
        found.append("The door can read old private keys (keys/old). Give it a TOCSIN_HOME of its own.")
    if connection.vendor != "postgresql":
        return [
            *found,
            "A door of its own needs PostgreSQL: set DATABASE_URL. On SQLite everything runs in one process; there "
            "sealing protects the file and its backups, not a process that was broken into.",
        ]
    try:
        return found + _readable()
    except DatabaseError as error:
        return [*found, f"The database does not answer: {type(error).__name__}. Nothing was started."]


def _readable() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        row = cursor.fetchone()
        if row and row[0]:
            return [f"The database user {_user()} is a superuser. {_HINT}"]
        tables = _ask(
            cursor, "has_table_privilege(current_user, %s, 'SELECT')", [(t,) for t in FORBIDDEN_TABLES]
        )
        columns = _ask(
            cursor, "has_column_privilege(current_user, %s, %s, 'SELECT')", list(FORBIDDEN_COLUMNS)
        )
    return [f"The database user {_user()} can read {'.'.join(what)}. {_HINT}" for what in tables + columns]


def _ask(cursor: object, question: str, about: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    found = []
    for what in about:
        cursor.execute(f"SELECT to_regclass(%s) IS NOT NULL AND {question}", [what[0], *what])  # type: ignore[attr-defined]
        if cursor.fetchone()[0]:  # type: ignore[attr-defined]
            found.append(what)
    return found


def _user() -> str:
    return str(settings.DATABASES["default"].get("USER", ""))


_HINT = "Run `tocsin door-role` on the console's side and let the door sign in as that role."

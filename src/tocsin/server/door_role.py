"""The door's database role: made and granted here, and asked at start whether it can see too much."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from tocsin.lib import keys

SQL = Path(__file__).parent / "sql" / "door_role.sql"
ROLE = "door"
DOORS_KEYS = ("hotline.pub", "text.key", "door.secret")
FORBIDDEN_KEYS = ("hotline.key", "lookup.key", "console.secret")
SHOWN = 5  # of the things that are wrong: the first ones are enough
_GRANT = re.compile(r"^GRANT (SELECT|INSERT)(?: \(([^)]*)\))? ON ([^;]*?) TO door;", re.MULTILINE)
_EVERYTHING = """
SELECT c.relname, a.attname,
  has_column_privilege(c.oid, a.attnum, 'SELECT') AS "SELECT",
  has_column_privilege(c.oid, a.attnum, 'INSERT') AS "INSERT",
  has_column_privilege(c.oid, a.attnum, 'UPDATE') AS "UPDATE",
  has_table_privilege(c.oid, 'DELETE') OR has_table_privilege(c.oid, 'TRUNCATE') AS "DELETE"
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""
_POWERS = """
SELECT rolsuper, rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls,
  session_user <> current_user OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid),
  has_schema_privilege('public', 'CREATE')
FROM pg_roles WHERE rolname = current_user
"""
_POWER_NAMES = (
    "is a superuser", "may make roles or databases, replicate, or pass row security", "may act as another role",
    "may make tables and functions",
)  # fmt: skip


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


def granted() -> dict[str, dict[str, set[str]]]:
    """What the SQL file grants: privilege -> table -> columns (`*`: all of them)."""
    found: dict[str, dict[str, set[str]]] = {}
    for privilege, columns, tables in _GRANT.findall(SQL.read_text(encoding="utf-8")):
        names = {name.strip().strip('"') for name in columns.split(",")} if columns else {"*"}
        for table in tables.split(","):
            found.setdefault(privilege, {}).setdefault(table.strip(), set()).update(names)
    return found


def problems() -> list[str]:
    """Why this process may not be a door: each a sentence that says what to do. Empty: it may."""
    found = _keys()
    if connection.vendor != "postgresql":
        return [
            *found,
            "A door of its own needs PostgreSQL: set DATABASE_URL. On SQLite everything runs in one process; there "
            "sealing protects the file and its backups, not a process that was broken into.",
        ]
    try:
        return found + _powers() + _grants()
    except DatabaseError as error:
        return [*found, f"The database does not answer: {type(error).__name__}."]


def _keys() -> list[str]:
    places = {name: keys.readable_from(name) for name in FORBIDDEN_KEYS}
    found = [
        f"The door can read {name} ({place}). Give it a TOCSIN_HOME, environment and credentials with "
        f"{', '.join(DOORS_KEYS)} only."
        for name, place in places.items()
        if place
    ]
    if keys.old_names():
        found.append(f"The door can read old private keys ({', '.join(keys.old_names())}): take them away.")
    others = [file for file in keys.folder().rglob("*") if file.is_file() and file.name not in DOORS_KEYS]
    if others and not found:
        found.append(f"{others[0]} is none of the door's keys: take it away.")
    return found


def _powers() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_POWERS)
        row = cursor.fetchone()
    return [
        f"The database user {_user()} {name}. {_HINT}"
        for name, has in zip(_POWER_NAMES, row, strict=True)
        if has
    ]


def _grants() -> list[str]:
    """What the role may do beside what the SQL file grants, and what it lacks of that."""
    wanted = granted()
    more, less = [], []
    with connection.cursor() as cursor:
        cursor.execute(_EVERYTHING)
        names = [column[0] for column in cursor.description][2:]
        for table, column, *has in cursor.fetchall():
            for privilege, there in zip(names, has, strict=True):
                columns = wanted.get(privilege, {}).get(table, set())
                allowed = column in columns or "*" in columns
                if there and not allowed:
                    more.append(f"{privilege} {table}.{column}")
                elif allowed and not there:
                    less.append(f"{privilege} {table}.{column}")
    found = [f"The database user {_user()} may {what}. {_HINT}" for what in more[:SHOWN]]
    missing = f"The database user {_user()} may not {less[0]}. {_HINT}" if less else ""
    return [*found, missing] if missing else found


def _user() -> str:
    return str(settings.DATABASES["default"].get("USER", ""))


_HINT = "Run `tocsin door-role` on the console's side, also after an update, and let the door sign in as that role."

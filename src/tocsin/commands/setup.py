"""`tocsin init`, `tocsin demo`, `tocsin user`: make an installation, fill it with the demonstration, add people."""

from __future__ import annotations

import argparse
import getpass
import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.lib import keys

if TYPE_CHECKING:
    from tocsin.accounts.models import User

DEMONSTRATION_PEOPLE = [("analyst", "analyst"), ("reviewer", "reviewer")]
SCENARIO = Path(__file__).resolve().parents[3] / "examples" / "scenario.jsonl"


def add_parser(verbs: Any) -> None:
    """Register the verbs."""
    init = verbs.add_parser("init", help="make keys, database and static files where they are missing")
    init.set_defaults(run=run_init)
    demo = verbs.add_parser(
        "demo", help="load the demonstration: invented recipients, two people, the scenario's tips"
    )
    demo.set_defaults(run=run_demo)
    user = verbs.add_parser("user", help="add a person, or give one a new password or role")
    user.add_argument("name", help="sign-in name")
    user.add_argument(
        "--role",
        default="analyst",
        choices=["analyst", "reviewer", "coordinator", "administrator", "auditor", "campaigner"],
    )
    user.add_argument("--password-file", type=Path, help="read the password from this file instead of asking")
    user.set_defaults(run=run_user)


def initialise(quiet: bool = False) -> None:
    """Keys, migrations, static files: safe to run at every start."""
    made = keys.make()
    if made and not quiet:
        print(f"New keys in {keys.folder()}: {', '.join(made)}.")
        print("Back them up now (`tocsin backup FILE`): without hotline.key no tip can be read.")
    from tocsin.commands import django as start

    start.start()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, skip_checks=True)
    for file in keys.home().glob("tocsin.sqlite3*"):
        file.chmod(0o600)
    _grant_door_again()
    call_command("collectstatic", verbosity=0, interactive=False, skip_checks=True)


def _grant_door_again() -> None:
    """New tables came with the migrations: where the door has a role, its grants follow."""
    from django.db import DatabaseError, connection

    from tocsin.server import door_role

    if connection.vendor == "postgresql" and door_role.exists():
        try:
            door_role.apply()
        except DatabaseError:
            print(
                "The grants of the role `door` could not be renewed: run `tocsin door-role` as a database owner."
            )


def run_init(_args: argparse.Namespace) -> int:
    """`tocsin init`."""
    initialise()
    print(f"Ready in {keys.home()}.")
    return 0


def load_demonstration(with_tips: bool = True) -> list[tuple[str, str]]:
    """Invented recipients and bystanders, two people, the scenario's tips (once). Returns the logins."""
    from tocsin.accounts.models import User
    from tocsin.directory.load import load_demonstration as load_recipients
    from tocsin.identifiers.bystanders import load_data
    from tocsin.tips.models import Tip

    load_recipients()
    load_data(demonstration=True)
    fresh = not User.objects.exists()
    logins = _demonstration_people()
    if fresh and with_tips and SCENARIO.exists() and not Tip.objects.exists():
        from tocsin.tips.accept import accept
        from tocsin.tips.paste import parse

        lines = [line.incoming for line in parse(SCENARIO.read_text(encoding="utf-8"))]
        accept([one for one in lines if one is not None and one.text.strip()], "cli:demo")
    return logins


def _demonstration_people() -> list[tuple[str, str]]:
    """Make the two people with random passwords, kept in a file that only the owner can read."""
    note = keys.home() / "demonstration-logins.txt"
    known = dict(line.split() for line in note.read_text().splitlines()) if note.exists() else {}
    for name, role in DEMONSTRATION_PEOPLE:
        if name not in known:
            known[name] = secrets.token_urlsafe(12)
            save_user(name, role, known[name], "cli:demo")
    descriptor = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.writelines(f"{name} {password}\n" for name, password in known.items())
    return [(name, known[name]) for name, _role in DEMONSTRATION_PEOPLE]


def save_user(name: str, role: str, password: str, actor: str) -> User:
    """Make the person or change role and password; audited."""
    from tocsin.accounts.models import User
    from tocsin.audit.record import record
    from tocsin.lib.writing import write

    with write():
        user = User.objects.filter(username=name).first() or User(username=name)
        user.role = role
        user.set_password(password)
        user.save()
        record(actor, "user.saved", user.actor, role=role)
    return user


def run_demo(_args: argparse.Namespace) -> int:
    """`tocsin demo`."""
    initialise()
    for name, password in load_demonstration():
        print(f"{name}: {password}")
    return 0


def run_user(args: argparse.Namespace) -> int:
    """`tocsin user NAME`."""
    initialise(quiet=True)
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    if args.password_file:
        password = args.password_file.read_text(encoding="utf-8").strip()
    else:
        password = getpass.getpass("Password: ")
    try:
        validate_password(password)
    except ValidationError as error:
        print("Nothing was changed: " + " ".join(error.messages), file=sys.stderr)
        return 1
    save_user(args.name, args.role, password, f"cli:{getpass.getuser()}")
    print(f"{args.name} may sign in as {args.role}.")
    return 0

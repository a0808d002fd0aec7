"""`tocsin api-key new|list|revoke`: keys of machines that send tips, or work on cases as a person."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.accounts.models import User

SCOPES = ["tips:write", "tips:read", "cases:read", "cases:write"]


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    one = verbs.add_parser("api-key", help="keys of machines")
    acts = one.add_subparsers(dest="act", required=True)
    new = acts.add_parser("new", help="make a key; it is printed this once")
    new.add_argument("name", help="what the client is called")
    new.add_argument("--scope", action="append", choices=SCOPES, help="may be repeated; default tips:write")
    new.add_argument("--campaign", default="", metavar="NAME", help="the campaign that its tips belong to")
    new.add_argument(
        "--acts-as", default="", metavar="USER", help="the person whose rights a key for cases has"
    )
    revoke = acts.add_parser("revoke", help="end a key at once")
    revoke.add_argument("id", help="the client's id, as `list` shows it")
    for act in (new, revoke):
        act.add_argument("--as", dest="login", required=True, metavar="USER", help="an administrator")
    listed = acts.add_parser("list", help="who may send")
    for act in (new, listed):
        act.add_argument("--json", action="store_true", help="for machines")
    for act, run in ((new, run_new), (revoke, run_revoke), (listed, run_list)):
        act.set_defaults(run=run)


def run_new(args: argparse.Namespace) -> int:
    """`tocsin api-key new NAME --as USER`."""
    user = _administrator(args.login)
    from tocsin.accounts.foureyes import NotAllowed
    from tocsin.tips import clients

    try:
        client, key = clients.create(user, args.name, args.scope or SCOPES[:1], args.campaign, args.acts_as)
    except NotAllowed as refusal:
        print(refusal, file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps({"schema": "tocsin.api-key", "version": 1, "id": client.public_id, "key": key}))
    else:
        print(f"{client.public_id}  {client.name}  {', '.join(client.scopes)}")
        print(f"Key, shown this once and kept nowhere: {key}")
    return 0


def run_revoke(args: argparse.Namespace) -> int:
    """`tocsin api-key revoke ID --as USER`."""
    user = _administrator(args.login)
    from tocsin.accounts.foureyes import NotAllowed
    from tocsin.tips import clients

    try:
        clients.revoke(user, args.id)
    except NotAllowed as refusal:
        print(refusal, file=sys.stderr)
        return 1
    print("The key is revoked.")
    return 0


def run_list(args: argparse.Namespace) -> int:
    """`tocsin api-key list [--json]`."""
    from tocsin.commands import django as start

    start.start_installed()
    from tocsin.tips import clients

    rows = [
        {
            "id": client.public_id,
            "name": client.name,
            "scopes": client.scopes,
            "campaign": client.campaign.name if client.campaign else "",
            "acts_as": client.acts_as.get_username() if client.acts_as else "",
            "created_at": client.created_at.isoformat(timespec="seconds"),
            "revoked_at": client.revoked_at.isoformat(timespec="seconds") if client.revoked_at else None,
        }
        for client in clients.listed()
    ]
    if args.json:
        print(json.dumps({"schema": "tocsin.api-keys", "version": 1, "clients": rows}, ensure_ascii=False))
        return 0
    for row in rows:
        state = "revoked" if row["revoked_at"] else "valid"
        person = f" as {row['acts_as']}" if row["acts_as"] else ""
        print(f"{row['id']}  {state:7}  {', '.join(row['scopes'])}{person}  {row['name']}")
    return 0


def _administrator(login: str) -> User:
    """The person; ends with a sentence for anybody who may not manage keys."""
    from tocsin.commands import django as start

    start.start_installed()
    from tocsin.accounts import policy
    from tocsin.accounts.models import User

    user = User.objects.filter(username=login, is_active=True).first()
    if user is None or not policy.allowed(user, "clients.manage"):
        sys.exit(f"{login!r} is not an administrator.")
    return user

"""`tocsin cases list|show|merge|split|move|detach|cut|undo`: the pages' functions, as a person (`--as USER`)."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.accounts.models import User
    from tocsin.cases.models import Case

LANES = ["immediate", "high", "normal", "low"]
STATES = ["open", "assessed", "dispatched", "held", "closed", "reopened"]
EVENTS = 15  # lines of the timeline that `show` prints


def add_parser(verbs: Any) -> None:
    """Register the verb."""
    one = verbs.add_parser("cases", help="list, show, merge, split and undo, as a person")
    acts = one.add_subparsers(dest="act", required=True)
    _add_reading(acts)
    _add_changes(acts)
    for act in acts.choices.values():
        act.add_argument(
            "--as", dest="login", required=True, metavar="USER", help="the person whose act it is"
        )
        act.add_argument("--json", action="store_true", help="for machines")


def _add_reading(acts: Any) -> None:
    listed = acts.add_parser("list", help="the queue, immediate first")
    listed.add_argument("--lane", choices=LANES)
    listed.add_argument("--state", choices=STATES, help="default: all but closed")
    listed.add_argument(
        "--search", default="", metavar="TEXT", help="a case number, or what names an identifier"
    )
    listed.add_argument("--limit", type=int, default=50, metavar="N", help="at most so many; default 50")
    listed.set_defaults(run=run_list)
    show = acts.add_parser("show", help="one case: what is in it, what was done, what waits")
    show.add_argument("case", help="its number; an old number leads on")
    show.set_defaults(run=run_show)


def _add_changes(acts: Any) -> None:
    merge = acts.add_parser("merge", help="two cases are one; proposed where people worked on both")
    merge.add_argument("case")
    merge.add_argument("other")
    split = acts.add_parser("split", help="tips become a case of their own")
    split.add_argument("case")
    split.add_argument("tips", nargs="+", metavar="TIP", help="ids, as `show` prints them")
    move = acts.add_parser("move", help="one tip goes to another case")
    move.add_argument("case")
    move.add_argument("tip", help="its id")
    move.add_argument("to", help="number of the other case")
    detach = acts.add_parser("detach", help="an identifier joins nothing in this case from now on")
    detach.add_argument("case")
    detach.add_argument("identifier", help="its id")
    cut = acts.add_parser("cut", help="part a case along its links as they are now")
    cut.add_argument("case")
    for act, run in (
        (merge, run_merge), (split, run_split), (move, run_move), (detach, run_detach), (cut, run_cut)
    ):  # fmt: skip
        act.add_argument("--reason", required=True, help="why, in a few words; kept sealed")
        act.set_defaults(run=run)
    undo = acts.add_parser("undo", help="take a change back")
    undo.add_argument("change", help="its id, as `show` prints it")
    undo.set_defaults(run=run_undo)


def run_list(args: argparse.Namespace) -> int:
    """`tocsin cases list --as USER`."""
    user = _person(args.login)
    from tocsin.cases import export

    found = export.listed(user, args.lane or "", args.state or "", args.search)
    rows = export.lines(found[: max(1, args.limit)])
    total = found.count()
    if args.json:
        _print_json("cases", total=total, cases=rows)
        return 0
    _table(
        f"{len(rows)} of {total} cases",
        {"Case": "", "Lane": "", "State": "", "Tips": "right", "Last tip": "", "Why": ""},
        [[r["number"], r["lane"], r["state"], r["tips"], _day(r["last_received_at"]), _why(r)] for r in rows],
    )
    return 0


def run_show(args: argparse.Namespace) -> int:
    """`tocsin cases show CASE --as USER`."""
    case = _case(_person(args.login), args.case)
    from tocsin.cases import changes, export, queries

    whole = export.whole(case)
    tips = [export.tip(line) for line in queries.tips_of(case)]
    done = [export.change_line(line) for line in changes.of_case(case)]
    events = [export.event(line) for line in queries.timeline(case)]
    if args.json:
        _print_json("case", case=whole, tips=tips, changes=done, events=events)
        return 0
    _show(whole, args.case, tips)
    if done:
        rows = [[c["id"], _day(c["at"]), c["sentence"], c["why_not"] or "can be undone"] for c in done]
        _table("Changes", {"Id": "", "When": "", "What": "", "Undo": ""}, rows)
    _table(
        f"Timeline, the last {min(EVENTS, len(events))} of {len(events)}",
        {"When": "", "What": "", "By": ""},
        [[_day(e["at"]), e["sentence"], e["by"]] for e in events[:EVENTS]],
    )
    return 0


def _show(whole: dict[str, Any], asked: str, tips: list[dict[str, Any]]) -> None:
    from tocsin.identifiers.extract import display

    if whole["number"] != asked:
        print(f"{asked} was merged: its tips are in case {whole['number']}.")
    print(f"Case {whole['number']}: {whole['lane']}, {whole['state']}. {_why(whole)}".rstrip())
    print(
        f"Can be acted on: {whole['actionability']} of 100. {'; '.join(whole['actionable_because'])}".rstrip()
    )
    if whole["old_numbers"]:
        print(f"Also known as {', '.join(whole['old_numbers'])}.")
    for flag in whole["flags"]:
        print(f"Waits for a person: {flag['kind']} (since {_day(flag['at'])}).")
    for one in whole["proposals"]:
        print(f"A merge of {one['one']} and {one['other']} waits ({one['state']}).")
    _table(
        "Identifiers",
        {"Id": "", "Identifier": "", "Strength": "", "Role": "", "Tips": "right"},
        [
            [i["id"], "sealed" if i["sealed"] else f"{i['platform'] or i['kind']} "
             f"{display(i['kind'], i['platform'], i['canonical'])}", i["strength"], i["role"], i["tips"]]
            for i in whole["identifiers"]
        ],
    )  # fmt: skip
    _table(
        "Tips",
        {"Id": "", "Received": "", "From": "", "Danger": "", "Language": "", "Here because": ""},
        [[t["id"], _day(t["received_at"]), t["source"], t["danger"], t["language"], t["why"]] for t in tips],
    )


def run_merge(args: argparse.Namespace) -> int:
    """`tocsin cases merge CASE OTHER --as USER --reason TEXT`."""
    user = _person(args.login)
    case, other = _case(user, args.case), _case(user, args.other)
    from tocsin.cases import changes

    return _act(args, user, case, "merge", lambda: changes.merge(case, other, user, args.reason))


def run_split(args: argparse.Namespace) -> int:
    """`tocsin cases split CASE TIP … --as USER --reason TEXT`."""
    user = _person(args.login)
    case = _case(user, args.case)
    from tocsin.cases import changes

    return _act(args, user, case, "split", lambda: changes.split(case, args.tips, user, args.reason))


def run_move(args: argparse.Namespace) -> int:
    """`tocsin cases move CASE TIP OTHER --as USER --reason TEXT`."""
    user = _person(args.login)
    case, to = _case(user, args.case), _case(user, args.to)
    from tocsin.cases import changes

    return _act(args, user, case, "move", lambda: changes.move(case, args.tip, to, user, args.reason))


def run_detach(args: argparse.Namespace) -> int:
    """`tocsin cases detach CASE IDENTIFIER --as USER --reason TEXT`."""
    user = _person(args.login)
    case = _case(user, args.case)
    from tocsin.cases import changes

    return _act(args, user, case, "detach", lambda: changes.detach(case, args.identifier, user, args.reason))


def run_cut(args: argparse.Namespace) -> int:
    """`tocsin cases cut CASE --as USER --reason TEXT`."""
    user = _person(args.login)
    case = _case(user, args.case)
    from tocsin.cases import changes

    return _act(args, user, case, "cut", lambda: changes.cut(case, user, args.reason))


def run_undo(args: argparse.Namespace) -> int:
    """`tocsin cases undo CHANGE --as USER`."""
    user = _person(args.login)
    from tocsin.accounts.foureyes import NotAllowed
    from tocsin.cases import acts

    try:
        done = acts.undo(_via(), user, args.change)
    except NotAllowed as refusal:
        return _refused(refusal)
    return _tell(args, done)


def _act(args: argparse.Namespace, user: User, case: Case, verb: str, act: Callable[[], Any]) -> int:
    from tocsin.accounts.foureyes import NotAllowed
    from tocsin.cases import acts

    try:
        done = acts.through(_via(), user, case, verb, act)
    except NotAllowed as refusal:
        return _refused(refusal)
    return _tell(args, done)


def _tell(args: argparse.Namespace, result: Any) -> int:
    from tocsin.cases import changes, export

    done = export.done(result)
    if args.json:
        _print_json("case-change", **done)
    elif done["proposed"]:
        print(
            "People worked on both cases: the merge is proposed, and another person decides in the console."
        )
    elif not done["changes"]:
        print("Nothing changed: everything in this case still hangs together.")
    for change in [] if args.json else result if isinstance(result, list) else [result]:
        if not done["proposed"]:
            undone = " It is undone." if change.undone_at else ""
            print(f"{change.public_id}  {changes.in_words(change)}.{undone}")
    return 0


def _refused(refusal: Exception) -> int:
    print(f"{refusal} Nothing was changed.", file=sys.stderr)
    return 1


def _via() -> str:
    return f"cli:{getpass.getuser()}"


def _person(login: str) -> User:
    """The person; ends with a sentence for anybody who may not read cases."""
    from tocsin.commands import django as start

    start.start_installed()
    from tocsin.accounts import policy
    from tocsin.accounts.models import User

    user = User.objects.filter(username=login, is_active=True).first()
    if user is None or not policy.allowed(user, "case.read"):
        sys.exit(f"{login!r} is nobody who may work on cases.")
    return user


def _case(user: User, number: str) -> Case:
    from django.http import Http404

    from tocsin.cases import queries

    try:
        return queries.case_for(user, number)
    except Http404:
        sys.exit(f"There is no case {number}.")


def _print_json(name: str, **values: Any) -> None:
    print(json.dumps({"schema": f"tocsin.{name}", "version": 1, **values}, ensure_ascii=False))


def _table(title: str, columns: dict[str, str], rows: list[list[Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left")
    for name, side in columns.items():
        table.add_column(name, justify="right" if side else "left")
    for row in rows:
        table.add_row(*[Text(str(cell)) for cell in row])  # Text: brackets of an inert address are no markup
    Console().print(table)


def _why(row: dict[str, Any]) -> str:
    return " ".join(reason["sentence"] for reason in row["reasons"][:2])


def _day(at: str | None) -> str:
    return (at or "")[:16].replace("T", " ")

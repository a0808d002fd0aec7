"""`tocsin`: the command for all that `make run` and `make test` do not do.

Verbs are imported only when asked for, so that `tocsin extract` starts without Django, settings or a database.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

# verb -> module with `add_parser(subparsers)`; several verbs may live in one module
VERBS = {
    "extract": "tocsin.identifiers.extract.cli",
    "platforms": "tocsin.identifiers.extract.cli",
    "init": "tocsin.commands.setup",
    "demo": "tocsin.commands.setup",
    "user": "tocsin.commands.setup",
    "run": "tocsin.commands.run",
    "serve": "tocsin.commands.run",
    "worker": "tocsin.commands.run",
    "backup": "tocsin.commands.backup",
    "restore": "tocsin.commands.backup",
    "process": "tocsin.commands.process",
    "cases": "tocsin.commands.cases",
    "import": "tocsin.commands.imports",
    "api-key": "tocsin.commands.clients",
    "stats": "tocsin.commands.stats",
    "audit": "tocsin.commands.audit",
    "signals": "tocsin.commands.signals",
    "keys": "tocsin.commands.keys",
    "door-role": "tocsin.commands.keys",
}


def build_parser(verb: str | None = None) -> argparse.ArgumentParser:
    """The parser; with `verb`, only that verb's module is imported."""
    parser = argparse.ArgumentParser(
        prog="tocsin", description="Report management of a child-protection hotline."
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB")
    modules = [VERBS[verb]] if verb in VERBS else list(dict.fromkeys(VERBS.values()))
    for name in modules:
        importlib.import_module(name).add_parser(verbs)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status (0 fine, 1 something was refused or failed, 2 wrong use)."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["--version"]:
        from tocsin import __version__

        print(f"tocsin {__version__}")
        return 0
    verb = next((word for word in words if not word.startswith("-")), None)
    args = build_parser(verb).parse_args(words)
    if not args.verb:
        build_parser().print_help()
        return 2
    try:
        return int(args.run(args) or 0)
    except KeyboardInterrupt:
        print("Stopped. What was finished is kept; run the same command again to go on.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1


if __name__ == "__main__":
    sys.exit(main())

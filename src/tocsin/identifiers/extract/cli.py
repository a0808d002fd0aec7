"""`tocsin extract` and `tocsin platforms`: the engine at the command line, without settings or database."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from .catalogue import CatalogueError, load_catalogue
from .engine import extract
from .model import MAX_CHARACTERS, Extraction
from .report import near_misses, table

_MAX_BYTES = 4 * MAX_CHARACTERS  # of one line held in memory; JSON escapes make lines longer than their text


def add_parser(subparsers: Any) -> None:
    """Add the verbs `extract` and `platforms` to an argparse sub-parser collection."""
    verb = subparsers.add_parser("extract", help="identifiers of each line of a file or of standard input")
    verb.add_argument(
        "file", nargs="?", type=Path, help="UTF-8 lines, or JSON lines with `text`; default: stdin"
    )
    verb.add_argument("--table", action="store_true", help="for people: the line with every match marked")
    verb.add_argument("--explain", action="store_true", help="also say which file and form made each result")
    verb.add_argument("--platforms", type=Path, metavar="DIR", help="a directory of further platform files")
    verb.set_defaults(run=run_extract)
    verb = subparsers.add_parser("platforms", help="the platforms that are known, with source and date")
    verb.add_argument("--json", action="store_true", help="for machines")
    verb.add_argument("--platforms", type=Path, metavar="DIR", help="a directory of further platform files")
    verb.set_defaults(run=run_platforms)


def run_extract(args: argparse.Namespace) -> int:
    """One JSON line out for each line in. 0; 1 if a line was not what it says; 2 if the data cannot be used."""
    try:
        catalogue = load_catalogue(args.platforms)
        source: BinaryIO = args.file.open("rb") if args.file else sys.stdin.buffer
    except (CatalogueError, OSError) as error:
        print(f"tocsin extract: {error}", file=sys.stderr)
        return 2
    replaced = 0
    with source:
        for number, text, name, broken in _lines(source):
            replaced += broken
            result = extract(text, catalogue=catalogue)
            if args.table:
                print(table(number, text, result, args.explain))
            else:
                print(json.dumps(as_json(name, result, args.explain), ensure_ascii=False))
    sys.stdout.flush()
    if replaced:
        print(
            f"tocsin extract: {replaced} lines were not UTF-8; their bad bytes were replaced", file=sys.stderr
        )
    return 0


def _lines(source: BinaryIO) -> Iterator[tuple[int, str, str, int]]:
    """(line number, text, id, 1 if bytes were replaced) of each line; a longer line is read up to the limit."""
    number = 0
    while data := source.readline(_MAX_BYTES):
        number += 1
        part = data
        while len(part) == _MAX_BYTES and not part.endswith(b"\n"):
            part = source.readline(_MAX_BYTES)  # the rest of a line that is too long is passed over
        line = data.rstrip(b"\r\n")
        text = line.decode("utf-8", "replace")
        broken = int("\ufffd" in text and text.encode() != line)
        text, name = _json_text(text, str(number))
        yield number, text, name, broken


def _json_text(line: str, name: str) -> tuple[str, str]:
    """Text and id of a JSON object with `text`; any other line is the text itself."""
    if line.startswith("{"):
        try:
            data = json.loads(line)
        except ValueError:
            return line, name
        if isinstance(data, dict) and isinstance(data.get("text"), str):
            return data["text"], str(data["id"]) if data.get("id") is not None else name
    return line, name


def as_json(name: str, result: Extraction, explain: bool = False) -> dict[str, Any]:
    """The JSON contract of one line (schema tocsin.extract, version 1)."""
    identifiers = [
        {"kind": i.kind, "platform": i.platform, "canonical": i.canonical, "strength": i.strength,
         "raw": _writable(i.raw), "start": i.start, "end": i.end, "cue": i.cue, "addressed": i.addressed,
         **({"rule": i.rule} if explain else {})}
        for i in result.identifiers
    ]  # fmt: skip
    observations = [
        {"kind": o.kind, "value": o.value, "unit": o.unit, "period": o.period, "raw": _writable(o.raw),
         "start": o.start, "end": o.end}
        for o in result.observations
    ]  # fmt: skip
    answer: dict[str, Any] = {"id": name, "identifiers": identifiers, "observations": observations}
    if result.truncated:
        answer["truncated"] = True
    if explain:
        answer["near_misses"] = near_misses(result)
        answer["data_version"] = result.data_version
    return answer


def _writable(text: str) -> str:
    """Lone surrogates cannot be written as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


def run_platforms(args: argparse.Namespace) -> int:
    """List the platforms."""
    try:
        catalogue = load_catalogue(args.platforms)
    except CatalogueError as error:
        print(f"tocsin platforms: {error}", file=sys.stderr)
        return 2
    if args.json:
        rows = [{"id": p.id, "title": p.title, "kinds": sorted({f.kind for f in p.forms}), "forms": len(p.forms),
                 "hosts": list(p.hosts), "source": p.source, "date": p.date, "file": p.file}
                for p in catalogue.platforms.values()]  # fmt: skip
        print(
            json.dumps(
                {"schema": "tocsin.platforms/1", "data_version": catalogue.version, "platforms": rows},
                ensure_ascii=False,
            )
        )
        return 0
    for platform in catalogue.platforms.values():
        print(
            f"{platform.id:14} {platform.date}  {len(platform.forms):2} forms  {platform.title}  [{platform.source}]"
        )
    print(f"{len(catalogue.platforms)} platforms, data version {catalogue.version}")
    return 0


def main(argv: list[str] | None = None) -> int:
    """The two verbs alone, for use without the rest of Tocsin."""
    parser = argparse.ArgumentParser(prog="python -m tocsin.identifiers.extract.cli")
    add_parser(parser.add_subparsers(required=True, metavar="VERB"))
    args = parser.parse_args(argv)
    code: int = args.run(args)
    return code


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:
        sys.exit(141)

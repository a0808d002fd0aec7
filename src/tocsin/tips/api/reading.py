"""From the bytes of a request to JSON, or a problem that says what is wrong in which line and column."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser
from ninja.types import DictStrAny

from tocsin.tips.api.problems import Problem

TYPES = ("application/json",)


class StrictJson(Parser):
    """JSON (RFC 8259) in UTF-8 and nothing else."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """The value. Raises `Problem` 415 or 400."""
        kind = (request.content_type or "").lower()
        charset = (request.content_params or {}).get("charset", "utf-8").lower()
        if kind not in TYPES or charset not in ("utf-8", "utf8"):
            raise Problem(415, "Send JSON in UTF-8: Content-Type: application/json. Files are never taken.")
        value: DictStrAny = loads(request.body)
        return value


def loads(body: bytes) -> Any:
    """The value; `Problem` 400 with line, column and reason for what is no JSON."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode("utf-8", "replace")
        raise Problem(400, f"Broken JSON: {_place(before)}: this is not UTF-8.") from None
    try:
        return json.loads(text, parse_constant=_constant)
    except json.JSONDecodeError as error:
        reason = (
            error.msg[:1].lower() + error.msg[1:]
        )  # the standard library's own words, nothing of the text
        raise Problem(400, f"Broken JSON: line {error.lineno}, column {error.colno}: {reason}.") from None
    except RecursionError:
        raise Problem(400, "Broken JSON: it is nested too deeply.") from None
    except ValueError:  # a whole number of thousands of digits
        raise Problem(400, "Broken JSON: a number in it is too long.") from None


def _constant(name: str) -> NoReturn:
    raise Problem(400, "Broken JSON: NaN and Infinity are not JSON.")


def _place(before: str) -> str:
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return f"line {line}, column {column}"

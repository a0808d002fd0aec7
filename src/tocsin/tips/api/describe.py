"""The OpenAPI document, completed: errors as problems, the key's scheme; and the same for people to read."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tocsin.tips.api.problems import MEDIA_TYPE
from tocsin.tips.api.routes import api
from tocsin.tips.api.schemas import ProblemOut
from tocsin.tips.text import is_blank

PREFIX = "/api/v1"
ERRORS = {
    "400": "The body is no JSON: line, column and reason are said.",
    "401": "No key, or one that is unknown or revoked.",
    "403": "The key lacks the scope.",
    "404": "There is nothing here.",
    "405": "The path has other methods: see Allow.",
    "409": "The Idempotency-Key was used for something else.",
    "413": "The body is too large.",
    "415": "The body is not application/json.",
    "422": "A field cannot be used: errors name the places.",
    "429": "Too much at once: see Retry-After.",
    "500": "It failed at the hotline.",
}
BODY_ONLY = {"400", "409", "413", "415"}
SCOPES = {"send_tip": "tips:write", "send_batch": "tips:write", "read_status": "tips:read"}


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The document, as JSON values."""
    found: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=f"{PREFIX}/"))
    schemas = found["components"]["schemas"]
    problem = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas["TipIn"]["properties"]["text"]["pattern"] = _something_seen()
    schemas |= problem.pop("$defs", {}) | {"Problem": problem}
    found["components"]["securitySchemes"] = {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "description": "A key of this hotline: tocsin_ and 43 characters.",
        }
    }
    for path in found["paths"].values():
        for operation in path.values():
            _complete(operation)
    return found


def _something_seen() -> str:
    """A pattern for a text that is not blank (`tips/text.py`): one character that can be seen.

    Surrogates are left out, as no JSON text may hold half of a pair. It is written as ranges, as few tools know
    classes of Unicode.
    """
    ranges: list[list[int]] = []
    for code in range(sys.maxunicode + 1):
        if 0xD800 <= code <= 0xDFFF or not is_blank(chr(code)):
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return f"[^{''.join(f'{_escaped(first)}-{_escaped(last)}' for first, last in ranges)}]"


def _escaped(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else chr(code)


def _complete(operation: dict[str, Any]) -> None:
    operation["security"] = [{"key": []}]
    operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
    operation["description"] += f" Scope: `{SCOPES[operation['operationId']]}`."
    operation["responses"] = {str(code): answer for code, answer in operation["responses"].items()}
    operation["responses"]["200"]["description"] = (
        "A repeat: nothing was added." if "requestBody" in operation else "OK"
    )
    if "201" in operation["responses"]:
        operation["responses"]["201"]["description"] = "Stored: on disk before this answer."
    for code, sentence in ERRORS.items():
        if "requestBody" in operation or code not in BODY_ONLY:
            operation["responses"][code] = _error(code, sentence)


def _error(code: str, sentence: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    answer: dict[str, Any] = {"description": sentence, "content": {MEDIA_TYPE: {"schema": schema}}}
    names = {"401": "WWW-Authenticate", "405": "Allow", "429": "Retry-After"}
    if code in names:
        answer["headers"] = {names[code]: {"schema": {"type": "string"}, "required": True}}
    return answer


@dataclass(frozen=True, slots=True)
class Field:
    """A row of a table: a field or header."""

    name: str
    kind: str
    required: bool
    about: str


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(value for value in schema["enum"] if value)
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    most = f", at most {schema['maxLength']:,}" if "maxLength" in schema else ""
    return f"{schema.get('format') or schema.get('type', '')}{most}"


@lru_cache(maxsize=1)
def page() -> dict[str, Any]:
    """The document as the page shows it: operations with headers and answers, objects with fields."""
    found = document()
    operations = [
        {
            "method": method.upper(),
            "path": path,
            "summary": one["summary"],
            "description": one["description"],
            "headers": [
                Field(p["name"], _kind(p["schema"]), p["required"], p["schema"].get("description", ""))
                for p in one["parameters"]
            ],
            "body": _body(one),
            "answers": [
                (code, answer["description"], _answer(answer))
                for code, answer in sorted(one["responses"].items())
            ],
        }
        for path, methods in found["paths"].items()
        for method, one in methods.items()
    ]
    objects = [
        {"name": name, "about": schema.get("description", ""), "fields": _fields(schema)}
        for name, schema in found["components"]["schemas"].items()
    ]
    return {"operations": operations, "objects": objects, "about": found["info"]["description"]}


def _body(operation: dict[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    return _kind(content["application/json"]["schema"]) if content else ""


def _answer(answer: dict[str, Any]) -> str:
    return next((_kind(content["schema"]) for content in answer.get("content", {}).values()), "")


def _fields(schema: dict[str, Any]) -> list[Field]:
    required = schema.get("required", [])
    return [
        Field(name, _kind(field), name in required, field.get("description", ""))
        for name, field in schema.get("properties", {}).items()
    ]

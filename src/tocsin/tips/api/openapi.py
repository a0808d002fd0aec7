"""An OpenAPI document, completed: errors as problems, the key's scheme; and the same for people to read.

Used by every API of the house: tips here, cases above.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ninja import NinjaAPI

from tocsin.tips.api.problems import MEDIA_TYPE
from tocsin.tips.api.schemas import ProblemOut

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
HEADERS = {"401": "WWW-Authenticate", "405": "Allow", "429": "Retry-After"}


@dataclass(frozen=True, slots=True)
class Described:
    """An API, and what its description says beside what the routes tell by themselves."""

    api: NinjaAPI
    prefix: str
    scopes: Mapping[str, str]  # operation id -> scope
    answers: Mapping[str, str]  # status of a success -> what it means, for operations with a body
    errors: Mapping[str, str] = field(default_factory=lambda: ERRORS)

    def document(self) -> dict[str, Any]:
        """The document, as JSON values."""
        found: dict[str, Any] = dict(self.api.get_openapi_schema(path_prefix=f"{self.prefix}/"))
        problem = ProblemOut.model_json_schema(ref_template="#/components/schemas/{model}")
        found["components"]["schemas"] |= problem.pop("$defs", {}) | {"Problem": problem}
        found["components"]["securitySchemes"] = {
            "key": {
                "type": "http",
                "scheme": "bearer",
                "description": "A key of this hotline: tocsin_ and 43 characters.",
            }
        }
        for path in found["paths"].values():
            for operation in path.values():
                self._complete(operation)
        return found

    def _complete(self, operation: dict[str, Any]) -> None:
        operation["security"] = [{"key": []}]
        operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
        operation["description"] += f" Scope: `{self.scopes[operation['operationId']]}`."
        operation["responses"] = {str(code): answer for code, answer in operation["responses"].items()}
        body = "requestBody" in operation
        for code, answer in operation["responses"].items():
            answer["description"] = self.answers.get(code, "OK") if body else "OK"
        for code, sentence in self.errors.items():
            if body or code not in BODY_ONLY:
                operation["responses"][code] = _error(code, sentence)


def _error(code: str, sentence: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    answer: dict[str, Any] = {"description": sentence, "content": {MEDIA_TYPE: {"schema": schema}}}
    if code in HEADERS:
        answer["headers"] = {HEADERS[code]: {"schema": {"type": "string"}, "required": True}}
    return answer


@dataclass(frozen=True, slots=True)
class Field:
    """A row of a table: a field or parameter."""

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


def page_of(found: dict[str, Any]) -> dict[str, Any]:
    """A document as the page shows it: operations with parameters and answers, objects with fields."""
    operations = [
        {
            "method": method.upper(),
            "path": path,
            "summary": one["summary"],
            "description": one["description"],
            "parameters": [
                (p["in"], Field(p["name"], _kind(p["schema"]), p["required"], _about(p)))
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


def _about(parameter: dict[str, Any]) -> str:
    return str(parameter["schema"].get("description", ""))


def _body(operation: dict[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    return _kind(content["application/json"]["schema"]) if content else ""


def _answer(answer: dict[str, Any]) -> str:
    return next((_kind(content["schema"]) for content in answer.get("content", {}).values()), "")


def _fields(schema: dict[str, Any]) -> list[Field]:
    required = schema.get("required", [])
    return [
        Field(name, _kind(one), name in required, one.get("description", ""))
        for name, one in schema.get("properties", {}).items()
    ]

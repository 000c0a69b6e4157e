#!/usr/bin/env python3
"""Writes tests/contract: for each operation of the public API, the names and kinds of what it asks and answers.

    tools/contract_forms.py DIRECTORY      a JSON file for each group of operations, made from the published OpenAPI files

Each file of DIRECTORY has `operations` (operationId, parameters, request, response) and `types`, where a member is a
`type` with `format`, `enum`, `items` and `fields`, or a `ref` to another type. Only names and kinds are kept, no text.

What is written: `operations` by id, each with its parameters of the query, the type that it asks and the one that it
answers; `types` with the kind of each member; `words`, the closed lists; `choices`, members of a type of which one is
given at most. A kind is `string`, `time`, `bytes`, `digits` (a whole number as text), `integer`, `boolean`, `object` (a
map, or nothing known inside), `@NAME` for a type or a closed list, or a list around the kind of its items.
"""

import json
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "tests" / "contract"
KINDS = {
    ("string", None): "string",
    ("string", "date-time"): "time",
    ("string", "byte"): "bytes",
    ("string", "int64"): "digits",
    ("string", "uint64"): "digits",
    ("integer", "int32"): "integer",
    ("integer", "int64"): "integer",
    ("boolean", None): "boolean",
    ("object", None): "object",
}


def kind(member):
    if "ref" in member:
        return "@" + member["ref"]
    if member["type"] == "array":
        return [kind(member["items"])]
    return KINDS[member["type"], member.get("format")]


def ordered_words(told):
    """The word for zero comes first."""
    first = told.get("default", told["enum"][0])
    return [first] + [word for word in told["enum"] if word != first]


def reached(types, begin):
    """The names of these types and of all inside them."""
    names, rest = set(), [name for name in begin if name]
    while rest:
        name = rest.pop()
        if name in names:
            continue
        names.add(name)
        text = json.dumps({name: kind(member) for name, member in types[name].get("fields", {}).items()})
        rest += [part.split('"')[0] for part in text.split('"@')[1:]]
    return names


def form(source):
    types, operations = source["types"], {}
    for told in source["operations"]:
        query = [one["name"] for one in told["parameters"] if one["in"] == "query"]
        asks, answers = ((told[side] or {}).get("ref") for side in ("request", "response"))
        operations[told["operationId"]] = {"query": query, "asks": asks, "answers": answers}
    names = reached(types, [told[side] for told in operations.values() for side in ("asks", "answers")])
    out = {"operations": operations, "types": {}, "words": {}, "choices": {}}
    for name in sorted(names):
        told = types[name]
        if "enum" in told:
            out["words"][name] = ordered_words(told)
        else:
            out["types"][name] = {member: kind(inner) for member, inner in told.get("fields", {}).items()}
            if "oneof" in told:
                out["choices"][name] = list(told["oneof"].values())
    return out


def written(out):
    """A line for each operation and type, so that a change shows where it is."""
    parts = []
    for part, entries in out.items():
        lines = [f'  {json.dumps(name)}: {json.dumps(entry, separators=(",", ":"))}' for name, entry in entries.items()]
        parts.append(f' "{part}": {{\n' + ",\n".join(lines) + "\n }" if lines else f' "{part}": {{}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for path in sorted(Path(sys.argv[1]).glob("*.json")):
        (OUT / path.name).write_text(written(form(json.loads(path.read_text()))))


if __name__ == "__main__":
    main()

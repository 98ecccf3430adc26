"""The page that lists what the API can be asked: made of its document, without any script."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

Part = Mapping[str, Any]


def reference_page(document: Part, address: str) -> str:
    """Return the page of an OpenAPI document."""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>bole: API</title>
<link rel="stylesheet" href="/static/bole.css">
</head>
<body>
<main>
<h1>API</h1>
{_paragraphs(document["info"]["description"])}
<p>The document for programs: <a href="{address}/openapi.json">{address}/openapi.json</a>
(OpenAPI {escape(document["openapi"])}). <a href="/">The page</a></p>
{"".join(_sections(document, address))}
</main>
</body>
</html>
"""


def _sections(document: Part, address: str) -> Iterator[str]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield _operation(f"{method.upper()} {address}{path}", operation, document)


def _operation(head: str, operation: Part, document: Part) -> str:
    rows = "".join(_parameter(one) for one in operation.get("parameters", ()))
    head_row = "<tr><th>parameter</th><th>in</th><th>values</th><th>means</th></tr>"
    table = f"<table><thead>{head_row}</thead><tbody>{rows}</tbody></table>" if rows else ""
    body = _body(operation, document)
    fields = _fields(operation, document)
    answers = ", ".join(
        f"{status} {one['description']}" for status, one in operation["responses"].items()
    )
    name = escape(operation["operationId"], quote=True)
    return f"""<section id="{name}">
<h2><code>{escape(head)}</code></h2>
{_paragraphs(operation.get("description", ""))}
{table}{body}{fields}
<p>Answers: {escape(answers)}</p>
</section>
"""


def _parameter(one: Part) -> str:
    needed = " (needed)" if one.get("required") else ""
    cells = (
        f"<code>{escape(one['name'])}</code>{needed}",
        escape(one["in"]),
        escape(_values(one["schema"])),
        escape(one.get("description", "")),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _values(schema: Part) -> str:
    """Return what a value may be.

    >>> _values({"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]})
    'date'
    >>> _values({"type": "integer", "minimum": 1, "maximum": 9, "default": 5})
    'integer, from 1 to 9, usually 5'
    """
    if "anyOf" in schema:
        return " or ".join(_values(one) for one in schema["anyOf"] if one.get("type") != "null")
    if "enum" in schema:
        kind = " | ".join(map(str, schema["enum"]))
    elif schema.get("type") == "array":
        kind = f"{_values(schema['items'])}; may be repeated"
    else:
        kind = str(schema.get("format") or schema.get("type") or schema.get("const") or "any")
    if "minimum" in schema and "maximum" in schema:
        kind += f", from {schema['minimum']} to {schema['maximum']}"
    usual = schema.get("default")
    return kind if usual in (None, "", [], False) else f"{kind}, usually {usual}"


def _body(operation: Part, document: Part) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    return "".join(
        f"<p>Body, {escape(kind)}: {_names(one['schema'], document)}</p>"
        for kind, one in content.items()
    )


def _fields(operation: Part, document: Part) -> str:
    """Return the fields of the rows of an answer."""
    for status in ("200", "201"):
        found = operation["responses"].get(status, {}).get("content", {}).get("application/json")
        if found:
            return f"<p>Fields: {_names(found['schema'], document)}</p>"
    return ""


def _names(schema: Part, document: Part) -> str:
    """Return the names of an object's fields; those of its items where it is a page."""
    if "$ref" in schema:
        found = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return _names(found, document)
    if schema.get("type") == "array":
        return _names(schema["items"], document)
    fields = schema.get("properties", {})
    if set(fields) == {"items", "next"}:
        return (
            f"{_names(fields['items'], document)}; in <code>items</code>, beside <code>next</code>"
        )
    return ", ".join(f"<code>{escape(name)}</code>" for name in fields)


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(' '.join(part.split()))}</p>" for part in text.split("\n\n"))

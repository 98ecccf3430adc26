"""The document of the API: it describes each operation, and no request of it finds a bug."""

from collections import Counter

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.web_api import ADDRESS, ask_api, shared_app


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    return ask_api(shared_app(tmp_path_factory))


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    return shared_app(tmp_path_factory)


def test_the_document_describes_each_operation(api):
    document = api.get("/openapi.json").json()
    assert document["openapi"].startswith("3.")
    operations = [(p, m, o) for p, ways in document["paths"].items() for m, o in ways.items()]
    assert len(operations) > 18
    for _, _, operation in operations:
        assert operation["description"]
        assert "422" not in operation["responses"] or "HTTPValidation" not in str(operation)
    page = api.get("/docs").text
    for path, method, _ in operations:
        assert f"<code>{method.upper()} {ADDRESS}{path}</code>" in page
    assert "<script" not in page
    assert "style=" not in page
    assert "http" not in page.replace("http-equiv", "")


CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


_CALM = {
    "derandomize": True,
    "deadline": None,
    "database": None,
    "phases": [Phase.generate],
    "suppress_health_check": list(HealthCheck),
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "examples"), [(GenerationMode.POSITIVE, 3), (GenerationMode.NEGATIVE, 2)]
)
def test_no_request_of_the_document_finds_a_bug(app, mode, examples):
    schema = schemathesis.openapi.from_asgi(f"{ADDRESS}/openapi.json", app)
    asked = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode is GenerationMode.NEGATIVE and operation.path in ("/questions", "/marks"):
            continue  # the list of marks has nothing to get wrong

        @settings(max_examples=examples, **_CALM)
        @given(operation.as_strategy(generation_mode=mode))
        def call(case):
            answer = case.call()
            asked[answer.status_code] += 1
            case.validate_response(answer, checks=list(CHECKS))

        call()
    assert sum(asked.values()) > 30
    assert asked[200 if mode is GenerationMode.POSITIVE else 422] > 15

"""The unit tests of the dashboard's JavaScript, which need node alone; `check` adds types and the linter."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.javascript.wire_types import type_of

HERE = Path(__file__).parent


def test_the_unit_tests_in_javascript_pass() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("需要 Node · apt-get install nodejs")
    files = sorted(path.name for path in HERE.glob("*.test.js"))

    done = subprocess.run([node, "--test", *files], cwd=HERE, capture_output=True, text=True, timeout=120)

    assert done.returncode == 0, done.stdout
    assert len(files) >= 7


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, "string"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, "number | null"),
        ({"type": "array", "items": {"$ref": "#/components/schemas/Owner"}}, "Array<Owner>"),
        ({"enum": ["a", "b"]}, '"a" | "b"'),
        ({"const": True}, "true"),
        ({"type": "object", "properties": {"a": {"type": "boolean"}}}, '{ "a"?: boolean }'),
        ({"type": "object", "properties": {"a": {"type": "boolean", "default": False}}}, '{ "a": boolean }'),
        ({"type": "object", "required": ["a"], "properties": {"a": {}}}, '{ "a": unknown }'),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "{ [key: string]: number }"),
        ({"type": "object"}, "Record<string, unknown>"),
        ({"$ref": "#/components/schemas/Schedule-Output"}, "Schedule_Output"),
    ],
)
def test_a_schema_becomes_the_type_of_its_values(schema: dict[str, object], expected: str) -> None:
    assert type_of(schema) == expected

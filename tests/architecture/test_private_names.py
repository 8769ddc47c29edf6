"""Libraries are used by their public names, and no module is exchanged behind Python's back."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from each import of_each
from hub.settings import read_settings

PROJECT = read_settings({}).project
OWN = {path.stem for path in (PROJECT / "tests").iterdir()} | {"hub", "hub_plugin", "benchmarks", "tests"}
PRODUCT = [path for folder in ("plugins", "dags", "benchmarks") for path in sorted((PROJECT / folder).rglob("*.py"))]
TESTS = sorted((PROJECT / "tests").rglob("*.py"))
DOCUMENTED = {"_mapping", "_fields", "_asdict", "_replace", "_make", "_Element"}
"""Of SQLAlchemy's rows, of named tuples and of lxml: public, whatever their names begin with."""
PROCESS_WIDE = {"gc.freeze", "gc.unfreeze", "gc.disable", "set_memory_pool"}
CHANGES = {"update", "pop", "popitem", "setdefault", "clear", "__setitem__", "setitem", "delitem"}


def _name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def is_private(name: str) -> bool:
    """Whether a dotted name has a part that its library keeps for itself."""
    parts = name.split(".")
    return any(part == "internals" or (part.startswith("_") and not part.endswith("__")) for part in parts)


def private_imports(tree: ast.AST) -> Iterator[str]:
    """Private names that a source imports from libraries."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names if _is_foreign(one.name) and is_private(one.name))
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module and _is_foreign(node.module):
            if is_private(node.module):
                yield node.module
            yield from (f"{node.module}.{one.name}" for one in node.names if is_private(one.name))
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module") and node.args:
            name = node.args[0]
            if isinstance(name, ast.Constant) and _is_foreign(str(name.value)) and is_private(str(name.value)):
                yield str(name.value)


def private_uses(tree: ast.AST) -> Iterator[str]:
    """Private attributes that a source reads or sets on what is imported from a library, or (where nobody can say what
    it is) on anything but its own object."""
    foreign, known = _imported(tree)
    defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in DOCUMENTED:
            root = _root(node.value)
            if root in foreign or (root not in known | {"self", "cls"} and node.attr not in defined):
                yield ast.unparse(node)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("getattr", "setattr", "delattr"):
            match node.args:
                case [target, ast.Constant(value=str(name)), *_] if _root(target) in foreign and is_private(name):
                    yield ast.unparse(node)


def exchanged(tree: ast.AST) -> Iterator[str]:
    """Attributes of a library's modules and classes that a source sets."""
    foreign, _ = _imported(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            dotted = ast.unparse(node)
            if dotted.split(".")[0] in foreign and dotted.replace(".", "").isidentifier():
                yield dotted


def process_wide_changes(tree: ast.AST) -> Iterator[str]:
    """Places that write to ``sys.modules``, or change how the whole process keeps its memory."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
            if ast.unparse(node.value).endswith("sys.modules"):
                yield ast.unparse(node)
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            touches = called.startswith("sys.modules.") or any("sys.modules" in ast.unparse(one) for one in node.args)
            changes_modules = touches and called.split(".")[-1] in CHANGES
            if changes_modules or called in PROCESS_WIDE or called.split(".")[-1] in PROCESS_WIDE:
                yield ast.unparse(node)


def _is_foreign(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] not in OWN


def _imported(tree: ast.AST) -> tuple[set[str], set[str]]:
    """Names that a source imports from libraries, and from the project itself."""
    foreign: set[str] = set()
    own: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            for one in node.names:
                name = one.asname or one.name.split(".")[0]
                (foreign if _is_foreign(module or one.name) else own).add(name)
    return foreign, own


def _root(node: ast.AST) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


@of_each("path", [*PRODUCT, *TESTS], _name)
def test_no_private_name_of_a_library_is_imported(path: Path) -> None:
    assert list(private_imports(ast.parse(path.read_text()))) == []


@of_each("path", [*PRODUCT, *TESTS], _name)
def test_no_private_name_of_another_object_is_used(path: Path) -> None:
    assert list(private_uses(ast.parse(path.read_text()))) == []


@of_each("path", [*PRODUCT, *TESTS], _name)
def test_no_part_of_a_library_is_exchanged(path: Path) -> None:
    assert list(exchanged(ast.parse(path.read_text()))) == []


@of_each("path", [*PRODUCT, *TESTS], _name)
def test_modules_and_memory_of_the_process_are_left_alone(path: Path) -> None:
    assert list(process_wide_changes(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    "source",
    [
        "from psycopg._copy import X",
        "from splink.internals.exceptions import SplinkException",
        "import pip._internal",
        "from numpy import _core",
        "importlib.import_module('dbt._parser')",
    ],
)
def test_a_private_import_is_seen(source: str) -> None:
    assert len(list(private_imports(ast.parse(source)))) == 1


@pytest.mark.parametrize("source", ["from __future__ import annotations", "from hub.x import _own", "import os.path"])
def test_a_public_or_own_import_is_none(source: str) -> None:
    assert list(private_imports(ast.parse(source))) == []


@pytest.mark.parametrize(
    "source",
    [
        "import gx\ngx.expectation._validate(1)",
        "planned.expectation._validate(1)",
        "import dbt\nsetattr(dbt.Flag, '_source', 1)",
        "import dbt\npatch.setattr(dbt.Flag, '_source', 1)\ndbt._x",
    ],
)
def test_a_private_attribute_is_seen(source: str) -> None:
    assert len(list(private_uses(ast.parse(source)))) >= 1


@pytest.mark.parametrize("source", ["self._own()", "row._mapping['a']", "from hub import door\ndoor._own"])
def test_an_own_or_documented_attribute_is_none(source: str) -> None:
    assert list(private_uses(ast.parse(source))) == []


@pytest.mark.parametrize(
    "source",
    [
        "sys.modules['a'] = b",
        "del sys.modules['a']",
        "sys.modules.update(a=b)",
        "monkeypatch.delitem(sys.modules, 'a')",
        "gc.freeze()",
        "pa.set_memory_pool(pool)",
    ],
)
def test_a_change_to_the_whole_process_is_seen(source: str) -> None:
    assert len(list(process_wide_changes(ast.parse(source)))) == 1


def test_an_exchanged_attribute_is_seen_and_one_of_an_object_is_none() -> None:
    source = "import dbt\nfrom lxml import etree\ndbt.Adapter.Manager = Own\netree.Element('a').text = 'b'\nself.x = 1"
    assert list(exchanged(ast.parse(source))) == ["dbt.Adapter.Manager"]


def test_looking_at_modules_is_no_change() -> None:
    assert list(process_wide_changes(ast.parse("'airflow' in sys.modules; gc.collect()"))) == []

"""What may import what. The rules between the hub's own modules stand in pyproject.toml; here they are applied, and the
rules about foreign packages are read off the source."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from each import of_each
from hub.settings import read_settings

PROJECT = read_settings({}).project
PRODUCT = [path for folder in ("plugins", "dags") for path in sorted((PROJECT / folder).rglob("*.py"))]
FOREIGN = {
    "airflow": ("dags/", "plugins/hub/orchestration/", "plugins/hub_plugin.py"),
    "great_expectations": ("plugins/hub/ingest/validation/expectations.py",),
    "alembic": ("plugins/hub/warehouse/",),
    "psycopg": ("plugins/hub/warehouse/",),
    "asyncpg": ("plugins/hub/warehouse/",),
    "dbt": ("plugins/hub/build/", "plugins/hub/warehouse/"),
    "supervisor": ("plugins/hub/local/supervision.py",),
}
"""Package → the only places that may import it."""


def _name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def imported_packages(tree: ast.AST) -> Iterator[str]:
    """First names of all modules that a source imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("importlib.import_module", "__import__"):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant):
                yield str(first.value).split(".")[0]


def environment_readings(tree: ast.AST) -> Iterator[int]:
    """Lines on which a source reads or writes the process environment. One that is called is another process's."""
    called = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "environ" and node in called:
            continue
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "environb", "getenv", "putenv"):
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module == "os":
            yield from (node.lineno for alias in node.names if alias.name in ("environ", "getenv", "putenv"))


def test_imports_run_downward_only() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@of_each("path", PRODUCT, _name)
def test_foreign_packages_stay_where_they_belong(path: Path) -> None:
    for package in sorted(set(imported_packages(ast.parse(path.read_text()))) & FOREIGN.keys()):
        assert _name(path).startswith(FOREIGN[package] or "nowhere"), f"{_name(path)} may not import {package}"


@of_each("path", PRODUCT, _name)
def test_only_the_settings_read_the_environment(path: Path) -> None:
    if _name(path) != "plugins/hub/settings.py":
        assert list(environment_readings(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    ("source", "packages"),
    [
        ("import airflow.sdk", {"airflow"}),
        ("def f():\n    from great_expectations.core import X", {"great_expectations"}),
        ("importlib.import_module('psycopg.rows')", {"psycopg"}),
        ("from . import airflow", set()),
        ("from hub.warehouse import engine", {"hub"}),
    ],
)
def test_an_import_is_seen_wherever_it_stands(source: str, packages: set[str]) -> None:
    assert set(imported_packages(ast.parse(source))) == packages


@pytest.mark.parametrize(
    "source", ["os.environ['X']", "os.getenv('X')", "from os import environ", "import os as o\no.environ"]
)
def test_reading_the_environment_is_seen_however_it_is_written(source: str) -> None:
    assert list(environment_readings(ast.parse(source)))


def test_the_environment_of_another_process_is_not_the_own() -> None:
    assert list(environment_readings(ast.parse("psutil.Process(1).environ()"))) == []

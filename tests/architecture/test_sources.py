"""How the sources are kept: small files, DAGs as doorways, nothing of one machine, no test put aside silently."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from each import of_each
from hub.settings import read_settings

PROJECT = read_settings({}).project
FOLDERS = (
    ".ci",
    "benchmarks",
    "dags",
    "dashboards",
    "dbt_project",
    "docs",
    "expectations",
    "plugins",
    "scripts",
    "tests",
)
MADE = {"__pycache__", "target", "logs"}
SOURCES = sorted(
    path
    for folder in FOLDERS
    for path in (PROJECT / folder).rglob("*")
    if path.is_file()
    and not any(part in MADE or part.startswith(".") for part in path.relative_to(PROJECT).parts[1:-1])
) + sorted(path for path in PROJECT.iterdir() if path.is_file() and path.name not in (".venv.lock", ".env", ".git"))
PYTHON = [path for path in SOURCES if path.suffix == ".py"]
TESTS = [path for path in PYTHON if path.relative_to(PROJECT).parts[0] == "tests"]
DAG_FILES = [path for path in PYTHON if path.relative_to(PROJECT).parts[0] == "dags"]
LONGEST_FILE = 320
LONGEST_DAG_FILE = 25
HOME_OF_SOMEBODY = re.compile(r"(?<![\w.$}])/(?:home|root|Users|work|mnt)/[a-z.]")


def _name(path: Path) -> str:
    return path.relative_to(PROJECT).as_posix()


def put_aside_without_reason(tree: ast.AST) -> Iterator[int]:
    """Lines on which a test is skipped or expected to fail and no reason is given."""
    marks = {"pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            reasons = [keyword.value for keyword in node.keywords if keyword.arg == "reason"]
            if name in ("pytest.skip", "pytest.xfail", "pytest.mark.skip"):
                reasons += node.args[:1]
            is_told = any(not (isinstance(reason, ast.Constant) and not reason.value) for reason in reasons)
            if name in {*marks, "pytest.skip", "pytest.xfail"} and not is_told:
                yield node.lineno
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield from (mark.lineno for mark in node.decorator_list if ast.unparse(mark) in marks)


@of_each("path", PYTHON, _name)
def test_a_python_file_can_be_held_in_the_head(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE


@of_each("path", DAG_FILES, _name)
def test_a_dag_file_is_a_doorway(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_DAG_FILE


@of_each("path", TESTS, _name)
def test_no_test_is_put_aside_without_a_reason(path: Path) -> None:
    assert list(put_aside_without_reason(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    "source",
    ["pytest.skip()", "@pytest.mark.skip\ndef test(): ...", "pytest.mark.xfail(reason='')", "pytest.mark.skipif(True)"],
)
def test_a_silent_skip_is_seen_however_it_is_written(source: str) -> None:
    assert list(put_aside_without_reason(ast.parse(source)))


def test_nothing_names_a_folder_of_one_machine() -> None:
    found = []
    for path in SOURCES:
        text = path.read_bytes()
        if path.resolve() == Path(__file__).resolve() or b"\0" in text:
            continue
        found += [
            f"{_name(path)}: {line.strip()}"
            for line in text.decode(errors="replace").splitlines()
            if HOME_OF_SOMEBODY.search(line)
        ]
    assert found == []


@pytest.mark.parametrize(
    ("line", "is_one"),
    [('path = "/home/somebody/x"', True), ("see /root/.cache", True), ("docs/work/a", False), ("$PWD/work/a", False)],
)
def test_a_folder_of_one_machine_is_told_from_a_relative_path(line: str, *, is_one: bool) -> None:
    assert bool(HOME_OF_SOMEBODY.search(line)) is is_one

"""Every test that is marked as long is run by a target of the Makefile: `make test` leaves it out."""

import ast
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from each import of_each
from hub.settings import read_settings

PROJECT = read_settings({}).project
TESTS = sorted((PROJECT / "tests").rglob("*.py"))


def has_long_tests(source: str) -> bool:
    """Whether it marks a test, or one of its cases, as long."""
    return any(
        isinstance(node, ast.Attribute) and ast.unparse(node) == "pytest.mark.long"
        for node in ast.walk(ast.parse(source))
    )


def run_with_the_long_ones(makefile: str) -> Iterator[Path]:
    """Files and folders of tests that are given to pytest by name, without leaving out what is long."""
    for line in makefile.splitlines():
        if line.startswith("\t") and "-m pytest" in line:
            words = shlex.split(line.partition("-m pytest")[2])
            if "not long" not in words:
                yield from (Path(word) for word in words if word.startswith("tests/"))


LONG = [path.relative_to(PROJECT) for path in TESTS if has_long_tests(path.read_text())]
NAMED = list(run_with_the_long_ones((PROJECT / "Makefile").read_text()))


@of_each("path", LONG)
def test_a_file_with_long_tests_is_run_by_a_target(path: Path) -> None:
    assert any(path.is_relative_to(named) for named in NAMED)


@of_each("named", NAMED)
def test_what_a_target_runs_is_there(named: Path) -> None:
    assert (PROJECT / named).exists()


@pytest.mark.parametrize(
    ("source", "is_long"),
    [
        ("@pytest.mark.long\ndef test(): ...", True),
        ("pytestmark = [pytest.mark.long]", True),
        ("CASES = [1, pytest.param(2, marks=pytest.mark.long)]", True),
        ("# pytest.mark.long\n@pytest.mark.parametrize('a', ['long'])\ndef test(a): ...", False),
    ],
)
def test_a_long_test_is_seen_however_it_is_marked(source: str, *, is_long: bool) -> None:
    assert has_long_tests(source) is is_long


def test_a_target_that_leaves_out_long_tests_does_not_count() -> None:
    makefile = '\t@python -m pytest -m "not long" tests/a\n\t@python -m pytest tests/b -x\n# -m pytest tests/c'
    assert list(run_with_the_long_ones(makefile)) == [Path("tests/b")]

"""The page about the architecture has the measures that its command prints."""

import re
import subprocess
import sys

from hub.settings import read_settings

PROJECT = read_settings({}).project


def measures_in(table: str) -> list[str]:
    return re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)


def test_the_page_has_every_measure_that_the_command_prints() -> None:
    command = [sys.executable, str(PROJECT / "scripts" / "sizes")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8").partition("## How large it is")[2]
    assert len(measures_in(printed)) > 10
    assert measures_in(page) == measures_in(printed)

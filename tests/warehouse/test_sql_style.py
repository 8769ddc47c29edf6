"""All SQL of the dbt project passes sqlfluff, with the rules of ``.sqlfluff``."""

import subprocess
import sys

from hub.settings import read_settings


def test_all_sql_passes_sqlfluff() -> None:
    project = read_settings({}).project
    command = [sys.executable, "-m", "sqlfluff", "lint", "--nocolor", "dbt_project"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    problems = [line for line in done.stdout.splitlines() if not line.endswith("PASS")]
    assert done.returncode == 0, "\n".join(problems)

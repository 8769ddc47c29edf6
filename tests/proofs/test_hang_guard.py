import subprocess
import sys
from pathlib import Path

HANGING = """
import time

from proofs.hang_guard import hang_guard


def test_something(capsys):
    with hang_guard(capsys, 0.2):
        the_place_where_it_hangs()


def the_place_where_it_hangs():
    time.sleep(60)
"""


def test_where_a_run_hangs_is_said_though_output_is_captured(tmp_path: Path) -> None:
    path = tmp_path / "test_hanging.py"
    path.write_text(HANGING)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", "/dev/null", str(path)]
    tests = str(Path(__file__).parents[1])
    done = subprocess.run(command, env={"PYTHONPATH": tests}, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 1
    assert "the_place_where_it_hangs" in done.stderr

"""What the ``hub`` command says where it cannot do what it is asked: one sentence, in one form, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HUB = Path(sys.executable).with_name("hub")
PASSWORD = "secret"
NOWHERE = f"postgresql://nobody:{PASSWORD}@127.0.0.1:1/hub"


def call(tmp_path: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a person types it, with a home of its own."""
    (tmp_path / "home").mkdir(exist_ok=True)
    surroundings = {"PATH": os.environ["PATH"], "HUB_HOME": str(tmp_path / "home")} | environment
    return subprocess.run([str(HUB), *arguments], env=surroundings, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "told"),
    [
        (["ingst"], {}, 2, "did you mean ingest?"),
        (["feed", "chek"], {}, 2, "Did you mean 'check'?"),
        (["build", "--selekt", "x"], {}, 2, "--selekt"),
        (["ingest"], {}, 2, "Missing argument"),
        (["status"], {"HUB_PORT": "many"}, 2, "HUB_PORT"),
        (["status"], {"HUB_WAREHOUSE_URL": "nonsense"}, 2, "HUB_WAREHOUSE_URL"),
        (["status"], {"HUB_WAREHOUSE_URL": "mysql://127.0.0.1/hub"}, 2, "HUB_WAREHOUSE_URL"),
        (["build"], {"HUB_WAREHOUSE_URL": NOWHERE}, 3, "127.0.0.1"),
        (["status"], {"HUB_DROP": "/dev/null/drop"}, 2, "HUB_DROP"),
        (["issues", "open", "no_feed", "--from", "2026-01-01", "--effect", "x"], {}, 1, "true_vision_reports"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(
    tmp_path: Path, arguments: list[str], environment: dict[str, str], code: int, told: str
) -> None:
    done = call(tmp_path, *arguments, **environment)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("hub: ")
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert PASSWORD not in done.stderr


@pytest.mark.parametrize("command", ["quarantine list", "delivery list", "updates list", "person find", "audit verify"])
def test_where_there_is_no_hub_nobody_is_told_that_nothing_waits(tmp_path: Path, command: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    done = call(tmp_path, *command.split(), HUB_HOME=str(elsewhere))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"there is no hub in {elsewhere}" in done.stderr
    assert not elsewhere.exists()
    assert call(tmp_path, *command.split(), "--help", HUB_HOME=str(elsewhere)).returncode == 0

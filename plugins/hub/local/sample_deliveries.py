"""The first deliveries of a new hub: a few simulated days of every feed that has never delivered.

They are made beside the drop folder and moved into it one by one, each under a hidden name first, so that no half of a
file is ever taken. A start that is killed in the middle goes on where it was.
"""

import shutil
import subprocess
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.ingest.collect import CLAIMS
from hub.local.airflow_metadata import tail
from hub.local.components import log_file, program
from hub.local.outcome import Outcome, RunProblem
from hub.settings import Settings

DAYS = 3
REPORTS = 400
SEED = 20160701
TRUTH = "truth"


def sample_folder(settings: Settings) -> Path:
    """Where simulated files wait to be dropped; it is gone once all have been."""
    return settings.home / "samples"


def has_sample_waiting(settings: Settings) -> bool:
    """Whether an earlier start made files and was ended before it had dropped them all."""
    return sample_folder(settings).exists()


def simulate(settings: Settings, environment: Mapping[str, str]) -> None:
    """Make the files: :data:`DAYS` days up to yesterday. Raises :class:`RunProblem` when the simulation fails."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    unfinished = settings.home / "samples.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    size = ["--reports", str(REPORTS), "--days", str(DAYS), "--seed", str(SEED), "--end", yesterday.isoformat()]
    log = log_file(settings, "simulate")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as stream:
        done = subprocess.run(
            [program("hub"), "simulate", "--out", str(unfinished), *size],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise RunProblem(Outcome.RUN_FAILED, f"the sample deliveries could not be made; the end of {log}:\n{tail(log)}")
    shutil.rmtree(settings.home / TRUTH, ignore_errors=True)
    (unfinished / TRUTH).rename(settings.home / TRUTH)
    unfinished.rename(sample_folder(settings))


def drop_sample(settings: Settings, feeds: Collection[str]) -> int:
    """Move what was simulated for these feeds into the drop folder and forget the rest; the number of files dropped."""
    made = sample_folder(settings)
    files = sorted(path for feed in feeds for path in (made / feed).rglob("*") if path.is_file())
    for path in files:
        _drop(path, settings.drop / path.relative_to(made).parts[0])
    shutil.rmtree(made)
    return len(files)


def feeds_with_files(settings: Settings) -> set[str]:
    """Feeds in whose drop folder a file lies, or is held by a worker that has not written its receipt yet. Files in
    other folders within it are not taken, so nobody waits for them."""
    return {
        folder.name
        for folder in settings.drop.iterdir()
        if any(path.is_file() for path in (*folder.glob("*"), *folder.glob(f"{CLAIMS}/*/*")))
    }


def _drop(path: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    hidden = folder / f".{path.name}"
    shutil.move(path, hidden)  # the drop folder may be on another disk
    hidden.rename(folder / path.name)

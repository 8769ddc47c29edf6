"""The first deliveries of a new hub: simulated files of every feed that has never delivered, of a few days or of some
twenty months.

What came before the last days is in a few large files a sender, which are loaded at once (``sample_history``). The last
days' files are moved into the drop folder one by one, each under a hidden name first, so that no half of a file is ever
taken. A start that is killed in the middle goes on where it was.
"""

import shutil
import sys
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from hub.ingest.collect import CLAIMS
from hub.ingest.dropped_files import is_name_of_whole_file
from hub.ingest.samples import note_simulated
from hub.local.components import program
from hub.local.logged_runs import run_logged
from hub.local.outcome import Outcome
from hub.local.sample_updates import tell_people_of_samples
from hub.publish.extract_store import sha256
from hub.settings import Settings
from hub.simulate.history import HISTORY
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

DAYS_TO_DROP = 3
SEED = 20160701
TRUTH = "truth"
HISTORY_LOG = "samples"
"""What the log of loading the history is called."""
NOT_MADE = "the samples could not be made"
NOT_DECIDED = "nothing could be decided on areas of the samples"


class Samples(StrEnum):
    """Of how long a time a new hub gets simulated deliveries: the last days; some twenty months, of which all but those
    are loaded at once; or none."""

    DAYS = "days"
    HISTORY = "history"
    NONE = "none"


# So long that a forecast of five weeks ago has the 78 weeks behind it that a forecast needs.
SIZES = {Samples.HISTORY: ("600", "3000"), Samples.DAYS: (str(DAYS_TO_DROP), "400")}
"""Days and reports."""


def sample_folder(settings: Settings) -> Path:
    """Where simulated files wait to be loaded or dropped; it is gone once all have been."""
    return settings.home / "samples"


def has_sample_waiting(settings: Settings) -> bool:
    """Whether an earlier start made files and was ended before it had loaded and dropped them all."""
    return sample_folder(settings).exists()


def simulate(settings: Settings, environment: Mapping[str, str], feeds: Collection[str], samples: Samples) -> None:
    """Make the files of these feeds, up to yesterday, and let their people be told. Raises :class:`RunProblem` when
    that fails."""
    days, reports = SIZES[samples]
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    unfinished = settings.home / "samples.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    size = ["--reports", reports, "--days", days, "--daily", str(DAYS_TO_DROP), "--seed", str(SEED), "--waves"]
    command = [program("hub"), "simulate", "--out", str(unfinished), *size, "--end", yesterday.isoformat()]
    run_logged(settings, "simulate", command, environment, failed=Outcome.RUN_FAILED, problem=NOT_MADE)
    shutil.rmtree(settings.home / TRUTH, ignore_errors=True)
    (unfinished / TRUTH).rename(settings.home / TRUTH)
    for folder in (*unfinished.iterdir(), *(unfinished / HISTORY).iterdir()):
        if folder.name not in {*feeds, HISTORY}:
            shutil.rmtree(folder)
    with begin(open_warehouse(settings, Role.LOADER)) as connection:
        files = (path for path in unfinished.rglob("*") if path.is_file())
        note_simulated(connection, (sha256(path) for path in files))
    tell_people_of_samples(settings, yesterday - timedelta(days=DAYS_TO_DROP))
    unfinished.rename(sample_folder(settings))


def load_history(settings: Settings, environment: Mapping[str, str]) -> None:
    """Load what was simulated of the time before the last days, through the stages that any delivery takes. Raises
    :class:`RunProblem` when that fails."""
    command = [sys.executable, "-m", "hub.local.sample_history"]
    run_logged(settings, HISTORY_LOG, command, environment, failed=Outcome.RUN_FAILED, problem=NOT_MADE)


def decide_on_history(settings: Settings, environment: Mapping[str, str]) -> None:
    """Decide on areas that a forecast of the simulated history proposes. Raises :class:`RunProblem` when that fails."""
    command = [sys.executable, "-m", "hub.local.sample_decisions"]
    run_logged(settings, "sample-decisions", command, environment, failed=Outcome.RUN_FAILED, problem=NOT_DECIDED)


def drop_sample(settings: Settings) -> int:
    """Move what waits into the drop folder; the number of files dropped."""
    made = sample_folder(settings)
    files = sorted(path for path in made.rglob("*") if path.is_file())
    for path in files:
        _drop(path, settings.drop / path.parent.name)
    shutil.rmtree(made)
    return len(files)


def feeds_with_files(settings: Settings) -> set[str]:
    """Feeds in whose drop folder a file lies, or is held by a worker that has not written its receipt yet. Files in
    other folders within it are not taken, so nobody waits for them."""
    return {
        folder.name
        for folder in settings.drop.iterdir()
        if any(
            path.is_file() and is_name_of_whole_file(path.name)
            for path in (*folder.glob("*"), *folder.glob(f"{CLAIMS}/*/*"))
        )
    }


def _drop(path: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    hidden = folder / f".{path.name}"
    shutil.copy2(path, hidden)  # the drop folder may be on another disk
    hidden.rename(folder / path.name)
    path.unlink()  # a start that is ended before drops the same bytes once more, which is no second delivery

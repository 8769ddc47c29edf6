"""Programs that a start runs to their end: what they print goes to a log, whose end is told when they fail."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from hub.local.components import log_file
from hub.local.outcome import Outcome, RunProblem
from hub.settings import Settings


def run_logged(
    settings: Settings,
    name: str,
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    failed: Outcome,
    problem: str,
    folder: Path | None = None,
) -> None:
    """Run a command with this environment alone, in ``folder``. Raises :class:`RunProblem` with the outcome ``failed``
    and ``problem`` in words when it ends with another code than 0."""
    log = log_file(settings, name)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as stream:
        done = subprocess.run(
            command,
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if done.returncode != 0:
        raise RunProblem(failed, f"{problem}; the end of {log}:\n{tail(log)}")


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log, or a remark that there is none."""
    try:
        text = log.read_bytes()[-20_000:].decode(errors="replace")
    except FileNotFoundError:
        return "(no log was written)"
    return "\n".join(text.splitlines()[-lines:])

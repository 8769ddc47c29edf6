"""The supervisor starts, restarts and ends components, and a stop leaves none of them behind."""

import os
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.local.components import Component, Executor, Layer, components, supervisor_configuration
from hub.local.outcome import Outcome, RunProblem
from hub.local.processes import processes_of
from hub.local.run_folder import LONGEST_SOCKET_PATH, RunFolder, make_run_folder, run_folder
from hub.local.stop import alone, stop_components, stop_hub
from hub.local.supervision import (
    ComponentState,
    SupervisorProblem,
    component_states,
    start_supervisor,
    supervisor_answers,
)
from hub.settings import Settings, read_settings

SLEEPER = Component("sleeper", (sys.executable, "-c", "import time; time.sleep(600)"), Layer.AIRFLOW)
PARENT_WITH_A_CHILD = Component(
    "parent",
    (
        sys.executable,
        "-c",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])",
    ),
    Layer.AIRFLOW,
)
DEAF = Component(
    "deaf",
    (sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"),
    Layer.AIRFLOW,
)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Settings]:
    """Settings whose home has a blank and a per cent sign in its name; nothing of it runs afterwards."""
    settings = read_settings({"HUB_HOME": str(tmp_path / "100% a hub"), "HUB_WAREHOUSE_URL": "postgresql://nowhere"})
    yield settings
    stop_components(run_folder(settings), print)


def _start(settings: Settings, *parts: Component) -> RunFolder:
    folder = run_folder(settings)
    start_supervisor(settings, folder, parts, {"PATH": os.defpath, "A_SECRET": "as-in-a-secret"})
    return folder


def _wait_for(is_so: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def _state(folder: RunFolder, name: str) -> ComponentState:
    return next(state for state in component_states(folder) if state.name == name)


def test_a_component_that_is_killed_is_started_again(hub: Settings) -> None:
    folder = _start(hub, SLEEPER)
    first = _state(folder, "sleeper")
    assert first.is_up
    # supervisord counts an early death as a failed start, which is started again as well, after a second.
    os.kill(first.pid, signal.SIGKILL)
    _wait_for(lambda: _state(folder, "sleeper").is_up and _state(folder, "sleeper").pid != first.pid)


def test_a_component_that_cannot_run_is_seen_as_dead(hub: Settings) -> None:
    folder = _start(hub, Component("broken", (sys.executable, "-c", "raise SystemExit(3)"), Layer.AIRFLOW))
    _wait_for(lambda: _state(folder, "broken").has_died)


def test_a_stop_ends_children_too_and_tells_what_it_did(hub: Settings) -> None:
    folder = _start(hub, SLEEPER, PARENT_WITH_A_CHILD)
    _wait_for(lambda: len(processes_of(folder)) == 4)
    said: list[str] = []
    stop_hub(hub, said.append)
    assert processes_of(folder) == []
    assert "Stopped 4 processes." in said
    assert not supervisor_answers(folder)


def test_a_second_stop_finds_nothing_to_do(hub: Settings) -> None:
    _start(hub, SLEEPER)
    stop_hub(hub, print)
    said: list[str] = []
    stop_hub(hub, said.append)
    assert said == ["Nothing was running."]


def test_a_stop_before_any_start_is_harmless(hub: Settings) -> None:
    said: list[str] = []
    stop_hub(hub, said.append)
    assert said == ["Nothing was running."]
    assert not hub.home.exists()


def test_a_stop_finds_components_whose_supervisor_was_killed(hub: Settings) -> None:
    folder = _start(hub, SLEEPER, PARENT_WITH_A_CHILD)
    _wait_for(lambda: len(processes_of(folder)) == 4)
    os.kill(int(folder.pid_file.read_text()), signal.SIGKILL)
    _wait_for(lambda: not supervisor_answers(folder))
    assert len(processes_of(folder)) == 3
    stop_hub(hub, print)
    assert processes_of(folder) == []


def test_a_stop_kills_what_does_not_listen(hub: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.local.stop.LEFTOVER_SECONDS", 0.5)
    folder = _start(hub, DEAF)
    time.sleep(0.5)  # until it has stopped listening
    os.kill(int(folder.pid_file.read_text()), signal.SIGKILL)
    said: list[str] = []
    stop_hub(hub, said.append)
    assert processes_of(folder) == []
    assert any("1 of them by a kill" in line for line in said)


def test_a_stop_leaves_another_hub_alone(hub: Settings, tmp_path: Path) -> None:
    other = read_settings({"HUB_HOME": str(tmp_path / "other"), "HUB_WAREHOUSE_URL": "postgresql://nowhere"})
    folder, other_folder = _start(hub, SLEEPER), _start(other, SLEEPER)
    stop_hub(hub, print)
    assert processes_of(folder) == []
    assert supervisor_answers(other_folder)
    stop_hub(other, print)


def test_no_secret_stands_in_the_configuration_or_in_a_command(hub: Settings) -> None:
    folder = _start(hub, SLEEPER)
    assert "as-in-a-secret" not in folder.configuration.read_text()
    for process in processes_of(folder):
        assert b"as-in-a-secret" not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
    assert folder.configuration.stat().st_mode & 0o077 == 0
    assert folder.path.stat().st_mode & 0o077 == 0


def test_a_broken_configuration_is_told_without_the_secrets(hub: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = "[supervisord]\nlogfile=%(no_such_thing)s\n"
    monkeypatch.setattr("hub.local.supervision.supervisor_configuration", lambda *_: broken)
    with pytest.raises(SupervisorProblem, match="did not start") as problem:
        _start(hub, SLEEPER)
    assert "as-in-a-secret" not in str(problem.value)
    assert (hub.logs / "supervisord-start.log").stat().st_mode & 0o077 == 0


def test_two_starts_at_once_do_not_both_go_on(hub: Settings) -> None:
    folder = run_folder(hub)
    make_run_folder(folder)
    with alone(folder), pytest.raises(RunProblem) as refused, alone(folder):
        pytest.fail("both held the hub")
    assert refused.value.outcome is Outcome.BUSY


def test_a_home_with_a_long_path_still_gets_a_socket_that_fits(tmp_path: Path) -> None:
    folder = run_folder(read_settings({"HUB_HOME": str(tmp_path / ("long" * 30))}))
    assert len(str(folder.supervisor_socket)) < LONGEST_SOCKET_PATH


@pytest.mark.parametrize("executor", Executor)
def test_every_component_is_restarted_and_killed_when_it_does_not_stop(executor: Executor, tmp_path: Path) -> None:
    settings = read_settings({"HUB_HOME": str(tmp_path)})
    folder = run_folder(settings)
    parts = components(settings, folder, executor, 2)
    text = supervisor_configuration(settings, folder, parts)
    assert {"postgres", "api-server", "scheduler", "dag-processor", "triggerer"} <= {part.name for part in parts}
    assert sum(part.name.startswith("worker-") for part in parts) == (2 if executor is Executor.CELERY else 0)
    for part in parts:
        section = text.split(f"[program:{part.name}]\n")[1].split("[")[0]
        assert f"command={shlex.join(part.command).replace('%', '%%')}\n" in section
        for option in ("autorestart=true", "stopasgroup=true", "killasgroup=true", "stopwaitsecs="):
            assert option in section


@pytest.mark.parametrize("name", ["metrics", "exchange"])
def test_a_service_for_others_has_a_component_where_it_has_a_port(name: str, tmp_path: Path) -> None:
    for port, count in (("", 0), ("9464", 1)):
        settings = read_settings({"HUB_HOME": str(tmp_path), f"HUB_{name.upper()}_PORT": port})
        parts = components(settings, run_folder(settings), Executor.LOCAL, 2)
        assert [part.layer for part in parts if part.name == name] == [Layer.SERVICES] * count


def test_a_warehouse_elsewhere_has_no_keeper(tmp_path: Path) -> None:
    settings = read_settings({"HUB_HOME": str(tmp_path), "HUB_WAREHOUSE_URL": "postgresql://db.example/hub"})
    parts = components(settings, run_folder(settings), Executor.LOCAL, 2)
    assert "postgres" not in {part.name for part in parts}

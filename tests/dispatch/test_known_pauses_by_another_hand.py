"""Somebody knows of each pause until it ends, and who decides by command decides about a recipient that there is: a
stranger's proof of docs/dispatch.md and decision 0163."""

import shutil
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from dispatch.conftest import FORCE, PROVIDER, Hub
from dispatch.door import Door
from dispatch.test_pauses_by_another_hand import ADA, WHY, is_paused, kept_pauses, pause, resume
from hub.cli.main import app
from hub.monitoring.watch import open_alerts
from hub.orchestration import watching


def alerts(hub: Hub, kind: str = "paused_recipient") -> list[str]:
    with hub.engine.connect() as connection:
        return [one.cause.key for one in open_alerts(connection) if one.cause.kind == kind]


def test_alerts_of_a_pause_and_of_what_is_urgent_live_as_long_as_their_causes(hub: Hub) -> None:
    pause(hub.engine)
    hub.offer(is_threat_to_life=True)
    hub.prepare()
    assert len(alerts(hub, "urgent_dispatch")) == 1
    assert alerts(hub) == [f"paused_recipient:{FORCE}"]
    for _ in range(2):
        assert watching.watch(hub.settings) == {"paused_recipient": 1, "urgent_dispatch": 1}
    resume(hub.engine)
    assert watching.watch(hub.settings) == {"urgent_dispatch": 1}
    pause(hub.engine)
    pause(hub.engine, PROVIDER)
    assert watching.watch(hub.settings)["paused_recipient"] == 2
    resume(hub.engine)
    assert watching.watch(hub.settings)["paused_recipient"] == 1
    assert alerts(hub) == [f"paused_recipient:{PROVIDER}"]


@pytest.mark.parametrize("change", ["refused", "gone"])
def test_a_pause_outlives_its_contract_and_stays_known(hub: Hub, change: str) -> None:
    hub.offer()
    hub.prepare()
    pause(hub.engine)
    folder, aside = hub.settings.recipients / FORCE, hub.settings.home / "aside"
    assert watching.watch(hub.settings) == {"paused_recipient": 1}
    if change == "gone":
        shutil.move(folder, aside)
    else:
        hub.recipient(FORCE, kind="forse")
    assert watching.watch(hub.settings)["paused_recipient"] == 1, "a pause that is forgotten sends nothing for ever"
    hub.send(transport_of=Door())
    assert alerts(hub) == [f"paused_recipient:{FORCE}"]
    if change == "gone":
        shutil.move(aside, folder)
    else:
        hub.recipient(FORCE, kind="force")
    door = Door()
    hub.send(transport_of=door)
    assert (door.came, is_paused(hub)) == ([], True)
    resume(hub.engine)
    hub.send(transport_of=door)
    assert len(door.came) == 1


@pytest.fixture
def command(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str]]:
    settings = hub.settings
    own = {"HOME": settings.home, "PROJECT": settings.project, "WAREHOUSE_URL": settings.warehouse_url}
    for name, value in own.items():
        monkeypatch.setenv(f"HUB_{name}", str(value))

    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["dispatch", *arguments, "--by", ADA])
        return done.exit_code, done.output

    return run


def test_by_command_a_code_that_nobody_has_is_refused(hub: Hub, command: Callable[..., tuple[int, str]]) -> None:
    assert resume(hub.engine, "E99999999") is False
    assert command("pause", "E99999999", "--because", WHY)[0] != 0
    assert command("resume", "E99999999")[0] != 0
    assert kept_pauses(hub) == []
    assert command("pause", FORCE, "--because", WHY)[0] == 0
    assert kept_pauses(hub) == [(FORCE, ADA, "")]
    print(command("pause", FORCE, "--because", "once more"))
    assert len(kept_pauses(hub)) == 1
    hub.recipient(FORCE, kind="forse")
    assert command("resume", FORCE)[0] == 0, "also where its contract is refused just now"
    assert command("pause", FORCE, "--because", WHY)[0] == 0, "a leak cannot wait for a mended contract"
    shutil.rmtree(hub.settings.recipients / FORCE)
    assert command("resume", FORCE)[0] == 0

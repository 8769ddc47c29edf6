"""A restore that is killed after each step that leaves something behind, and given again, ends with the same hub as one
that is not."""

from dataclasses import replace
from pathlib import Path

import pytest

from hub.backup.places import BackupProblem
from hub.local.run_folder import make_run_folder, run_folder
from hub.recovery.restore import restore
from hub.settings import Settings
from hub.warehouse.embedded_postgres import RESTORED, PostgresProblem, embedded_postgres, ensure_running, postmaster
from ingest.deliveries import ledger_rows, take_in
from privacy.letters import ADA, BO, CALLS, CATALOGUE, LETTERS, as_csv, as_json_lines, as_kept, erase, token_of, told
from recovery.hubs import OwnHub, a_moment, own_hub
from recovery.interrupted import is_killed_after

STEPS = ("roll_forward", "put_back_landing", "let_everybody_in")


class Killed(BaseException):
    """Nothing catches it, as nothing catches a kill."""


def assert_database_does_not_start(settings: Settings) -> None:
    make_run_folder(run_folder(settings))  # as `hub run` does before it looks for its database
    with pytest.raises(PostgresProblem, match="run hub restore again"):
        ensure_running(embedded_postgres(settings))


@pytest.mark.long
@pytest.mark.parametrize("steps", [STEPS[1:], pytest.param(STEPS, marks=pytest.mark.long)])
def test_a_restore_that_is_killed_before_the_hub_is_whole_begins_anew_also_to_another_moment(
    tmp_path: Path, steps: tuple[str, ...]
) -> None:
    with own_hub(tmp_path) as hub:
        take_in(hub.settings, hub.engine, LETTERS, as_csv({"ref": "A", **ADA}, {"ref": "B", **BO}))
        hub.backup()
        moment = a_moment()
        take_in(hub.settings, hub.engine, CALLS, as_json_lines({"ref": "C", **BO}), "calls.jsonl")
        erase(hub.settings, hub.engine, token_of(hub.engine, LETTERS, "A"))
        hub.keep_up()
        before = ledger_rows(hub.engine)
        again = hub.is_lost()
        for step in steps:
            is_killed_after(again, step, moment.isoformat())
            assert_database_does_not_start(again)
            is_left = postmaster(embedded_postgres(replace(again, home=again.home / "restoring"))) is not None
            assert is_left == (step != "let_everybody_in")
        assert restore(again, CATALOGUE, None).problems == []
        back = OwnHub(again)
        assert ledger_rows(back.engine) == before
        assert told(again, back.engine, LETTERS) == {"A": {}, "B": as_kept(BO)}
        assert told(again, back.engine, CALLS) == {"C": as_kept(BO)}


def test_a_restore_that_is_killed_while_its_hub_moves_in_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_hub(tmp_path) as hub:
        take_in(hub.settings, hub.engine, LETTERS, as_csv({"ref": "A", **ADA}))
        hub.backup()
        moment = a_moment()
        hub.backup()
        again = hub.is_lost()
        whole, rename = again.home / RESTORED, Path.rename

        def rename_and_die(path: Path, target: Path) -> None:
            rename(path, target)
            if whole in (path.parent, target):
                raise Killed

        monkeypatch.setattr(Path, "rename", rename_and_die)
        count_killed, restored = 0, None
        while restored is None:
            try:
                restored = restore(again, CATALOGUE, moment)
            except Killed:
                count_killed += 1
                assert_database_does_not_start(again)
                with pytest.raises(BackupProblem, match=f"give hub restore --to {moment:%Y-%m-%dT%H:%M:%S} again"):
                    restore(again, CATALOGUE, None)
        moved = {path.name for path in again.home.iterdir()} - {"run"}
        assert moved >= {"audit", "landing", "postgres", "restore.json", "secrets"}
        assert count_killed == 1 + len(moved)
        assert (restored.to, restored.count_landed, restored.problems) == (moment, 1, [])
        assert len(restored.proofs) == 5
        assert len(list(hub.places.left.iterdir())) == 1
        assert told(again, OwnHub(again).engine, LETTERS) == {"A": as_kept(ADA)}
        with pytest.raises(BackupProblem, match="is not empty"):
            restore(again, CATALOGUE, moment)

"""A database's log is kept whole, encrypted, and never mixed with another hub's."""

import os
import struct
from dataclasses import replace
from pathlib import Path

import pytest

from hub.backup import keeper, landing_copy, wal
from hub.backup.base import bases, forget_old, newest_before, set_aside_later_bases
from hub.backup.packed import pack
from hub.backup.places import BackupProblem, Places, as_instant, backup_places
from hub.local.components import Executor, components
from hub.local.run_folder import run_folder
from hub.settings import Settings, read_settings
from hub.vault.encrypted_file import FileDamaged

ZEROTH, FIRST, SECOND, THIRD = (f"00000001000000000000000{number}" for number in range(4))


@pytest.fixture
def hub(tmp_path: Path) -> Settings:
    names = {"HUB_HOME": "home", "HUB_BACKUP": "backup", "HUB_BACKUP_KEYS": "keys"}
    return read_settings({name: str(tmp_path / folder) for name, folder in names.items()})


@pytest.fixture
def places(hub: Settings) -> Places:
    return backup_places(hub)


def segment(folder: Path, name: str, text: bytes, system: int = 7, place: int | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    place = int(name[-1]) * wal.SEGMENT_BYTES if place is None else place
    path.write_bytes(struct.pack("=8xQ8xQ", place, system) + text)
    return path


def test_a_full_segment_takes_the_place_of_what_was_kept_of_it_before(
    hub: Settings, places: Places, tmp_path: Path
) -> None:
    path = segment(tmp_path / "pg_wal", FIRST, b"half")
    wal.keep_partial(hub, places, path, path.read_bytes())
    assert wal.fetch(hub, places.wal, FIRST, tmp_path / "back")
    assert (tmp_path / "back").stat().st_size == wal.SEGMENT_BYTES
    path = segment(tmp_path / "pg_wal", FIRST, b"whole")
    wal.keep(hub, places, path, FIRST)
    wal.keep(hub, places, path, FIRST)
    assert [one.name for one in places.wal.iterdir()] == [FIRST]
    assert wal.fetch(hub, places.wal, FIRST, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == path.read_bytes()
    assert b"whole" not in (places.wal / FIRST).read_bytes()
    assert not wal.fetch(hub, places.wal, SECOND, tmp_path / "back")


def test_another_segment_of_the_same_name_and_another_hubs_are_refused(
    hub: Settings, places: Places, tmp_path: Path
) -> None:
    wal.keep(hub, places, segment(tmp_path / "pg_wal", FIRST, b"one"), FIRST)
    with pytest.raises(BackupProblem, match="with other content"):
        wal.keep(hub, places, segment(tmp_path / "pg_wal", FIRST, b"two"), FIRST)
    with pytest.raises(BackupProblem, match="backups of another hub"):
        wal.keep(hub, places, segment(tmp_path / "pg_wal", SECOND, b"two", system=8), SECOND)


def test_a_damaged_segment_ends_a_recovery_and_a_missing_one_is_the_end_of_the_log(
    hub: Settings, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wal.keep(hub, places, segment(tmp_path / "pg_wal", FIRST, b"one"), FIRST)
    kept = places.wal / FIRST
    kept.write_bytes(kept.read_bytes()[:-1] + b"?")
    with pytest.raises(FileDamaged):
        wal.fetch(hub, places.wal, FIRST, tmp_path / "back")
    monkeypatch.setenv("HUB_HOME", str(hub.home))
    monkeypatch.setenv("HUB_BACKUP", str(places.folder))
    for name, code in ((FIRST, wal.BROKEN), (SECOND, wal.NOT_THERE)):
        monkeypatch.setattr("sys.argv", ["wal", "fetch", name, str(tmp_path / "back")])
        assert wal.main() == code


def test_the_segments_that_were_written_last_are_kept_and_keys_with_them(hub: Settings, places: Places) -> None:
    folder = hub.home / "postgres" / "data" / "pg_wal"
    segment(folder, ZEROTH, b"text")
    os.utime(segment(folder, FIRST, b"text"), ns=(0, 20 * 10**9))
    os.utime(segment(folder, SECOND, b"text"), ns=(0, 10 * 10**9))  # after the clock was set back
    segment(folder, THIRD, b"text", place=0)  # it waits to be used again
    seen = keeper.keep_up(hub, places, {})
    assert seen.keys() == {FIRST, SECOND}
    assert {one.name.split(".")[0] for one in places.wal.iterdir()} == {FIRST, SECOND}
    assert (places.keys / "backup.keys").exists()
    assert places.kept.exists()


def test_what_went_missing_at_home_stays_in_the_backup_while_the_ledger_knows_it(hub: Settings, places: Places) -> None:
    for name in ("feed/day/known", "feed/day/unknown"):
        (hub.landing / name).parent.mkdir(parents=True, exist_ok=True)
        (hub.landing / name).write_text("text")
    assert landing_copy.copy_new(hub, places.landing) == 2
    assert landing_copy.copy_new(hub, places.landing) == 0
    hub.landing.rename(hub.home / "elsewhere")
    landing_copy.copy_new(hub, places.landing)
    assert landing_copy.forget_unknown(hub, places.landing, {"feed/day/known"}) == 1
    assert list(landing_copy.names_of(places.landing)) == ["feed/day/known"]


def test_old_base_backups_go_with_the_log_that_only_they_need(hub: Settings, places: Places) -> None:
    for day, first in ((1, FIRST), (2, SECOND), (20, THIRD)):
        pack(hub, places.base / f"202601{day:02}T000000.000000Z_{first}.tar", [b"text"])
    for name in (FIRST, SECOND, THIRD):
        pack(hub, places.wal / name, [b"text"])
    noon = as_instant("20260102T120000.000000Z")
    assert newest_before(places, noon).first_segment == SECOND
    with pytest.raises(BackupProblem, match="no base backup that was complete by 2025"):
        newest_before(places, noon.replace(year=2025))
    forget_old(places, 14, as_instant("20260121T000000.000000Z"))
    assert [one.first_segment for one in bases(places)] == [SECOND, THIRD]
    assert sorted(one.name for one in places.wal.iterdir()) == [SECOND, THIRD]
    set_aside_later_bases(places, noon)
    assert newest_before(places, None).first_segment == SECOND


def test_the_supervisor_looks_after_what_keeps_the_backup(hub: Settings) -> None:
    def names(settings: Settings) -> set[str]:
        return {one.name for one in components(settings, run_folder(settings), Executor.LOCAL, 0)}

    assert names(hub) - names(replace(hub, backup=None)) == {"backup"}

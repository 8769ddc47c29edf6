"""Sample files reach the drop folder whole and once."""

from pathlib import Path

import pytest

from hub.local.sample_deliveries import drop_sample, feeds_with_files, has_sample_waiting, sample_folder
from hub.settings import Settings, read_settings


@pytest.fixture
def hub(tmp_path: Path) -> Settings:
    """A hub with two files of one feed and one of another waiting to be dropped."""
    settings = read_settings({"HUB_HOME": str(tmp_path)})
    settings.drop.mkdir()
    for name in ("tips/monday.csv", "tips/tuesday.csv", "letters/one.xml"):
        path = sample_folder(settings) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return settings


def test_what_waits_is_dropped_in_the_folder_of_its_feed(hub: Settings) -> None:
    assert drop_sample(hub) == 3
    assert sorted(path.name for path in (hub.drop / "tips").iterdir()) == ["monday.csv", "tuesday.csv"]
    assert feeds_with_files(hub) == {"tips", "letters"}
    assert not has_sample_waiting(hub)


def test_a_start_that_was_killed_halfway_is_taken_up(hub: Settings) -> None:
    (hub.drop / "tips").mkdir()
    (sample_folder(hub) / "tips" / "monday.csv").rename(hub.drop / "tips" / "monday.csv")
    assert has_sample_waiting(hub)
    assert drop_sample(hub) == 2
    assert feeds_with_files(hub) == {"tips", "letters"}


def test_a_start_that_was_killed_between_two_names_of_a_file_drops_it_all_the_same(
    hub: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", killed)
        with pytest.raises(RuntimeError):
            drop_sample(hub)
    assert feeds_with_files(hub) == set()
    assert drop_sample(hub) == 3
    assert sorted(path.name for path in (hub.drop / "tips").iterdir()) == ["monday.csv", "tuesday.csv"]


def killed(_: Path, __: Path) -> None:
    raise RuntimeError


def test_what_is_no_whole_file_is_not_waited_for(hub: Settings) -> None:
    (hub.drop / "tips").mkdir()
    (hub.drop / "tips" / ".directory").write_text("")
    assert feeds_with_files(hub) == set()


def test_a_file_in_a_folder_within_a_drop_folder_is_not_waited_for(hub: Settings) -> None:
    nested = hub.drop / "letters" / "2026"
    nested.mkdir(parents=True)
    (nested / "one.xml").write_text("")
    assert feeds_with_files(hub) == set()


def test_a_file_that_a_worker_has_claimed_still_counts_as_dropped(hub: Settings) -> None:
    claim = hub.drop / "letters" / ".claimed" / "0a1b"
    claim.mkdir(parents=True)
    assert feeds_with_files(hub) == set()
    (claim / "one.xml").write_text("")
    assert feeds_with_files(hub) == {"letters"}

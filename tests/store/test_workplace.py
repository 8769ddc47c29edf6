"""A workplace is cleared of what nobody finishes, and of nothing that somebody is writing."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.store.workplace import LOCK, clear, clear_unless_used, working

A_WHILE, PATIENCE = 0.2, 30


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {LOCK}


def test_what_was_left_goes_with_its_folders(tmp_path: Path) -> None:
    (tmp_path / "of a rotation").mkdir()
    (tmp_path / "of a rotation" / "object").touch()
    (tmp_path / "half").touch()
    clear_unless_used(tmp_path)
    assert names(tmp_path) == set()


def test_nothing_goes_while_somebody_writes_and_a_clearing_waits_for_them(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as other, working(tmp_path), working(tmp_path):
        (tmp_path / "half").touch()
        clear_unless_used(tmp_path)
        ended = other.submit(clear, tmp_path)
        with pytest.raises(TimeoutError):
            ended.result(A_WHILE)
        assert names(tmp_path) == {"half"}
        (tmp_path / "half").rename(tmp_path.with_name("whole"))
    ended.result(PATIENCE)
    assert names(tmp_path) == set()
    assert tmp_path.with_name("whole").exists()

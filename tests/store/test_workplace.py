"""A workplace is cleared of what nobody finishes, and of nothing that somebody is writing."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.store.workplace import clear, clear_unless_used, unfinished_file

A_WHILE, PATIENCE = 0.2, 30


def test_what_was_left_goes_and_what_is_written_stays(tmp_path: Path) -> None:
    (tmp_path / "half").touch()
    with unfinished_file(tmp_path) as (path, _):
        clear_unless_used(tmp_path)
        assert list(tmp_path.iterdir()) == [path]
    assert list(tmp_path.iterdir()) == []


def test_a_clearing_waits_for_who_writes_and_takes_nothing_that_was_finished(tmp_path: Path) -> None:
    whole = tmp_path / "whole" / "file"
    whole.parent.mkdir()
    with ThreadPoolExecutor(1) as other:
        with unfinished_file(tmp_path / "work") as (path, file):
            file.write(b"text")
            ended = other.submit(clear, tmp_path / "work")
            with pytest.raises(TimeoutError):
                ended.result(A_WHILE)
            file.flush()
            path.rename(whole)
        ended.result(PATIENCE)
    assert whole.read_bytes() == b"text"
    assert list((tmp_path / "work").iterdir()) == []


def test_nothing_is_to_be_cleared_where_nobody_wrote(tmp_path: Path) -> None:
    clear(tmp_path / "nowhere")
    clear_unless_used(tmp_path / "nowhere")

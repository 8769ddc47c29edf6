"""What is wrong with a file of keys is told without a part of it."""

import dataclasses
from pathlib import Path

import pytest

from hub.settings import Settings
from hub.vault.hub_keys import KeyProblem, Purpose, read_ring


def test_a_master_key_of_raw_bytes_is_refused_in_words(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "master"
    file.write_bytes(bytes(range(200, 232)))
    with pytest.raises(KeyProblem):
        read_ring(dataclasses.replace(settings, master_key_file=file), Purpose.MASTER)

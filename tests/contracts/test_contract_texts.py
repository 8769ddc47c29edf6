"""Texts that are no contract."""

from pathlib import Path

import pytest

from hub.contracts.model import read_contract
from hub.contracts.values import ContractRefused


def test_text_that_is_not_yaml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "some_feed" / "contract.yaml"
    path.parent.mkdir()
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(ContractRefused, match="not YAML"):
        read_contract(path)


def test_a_text_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "some_feed" / "contract.yaml"
    path.parent.mkdir()
    path.write_text("- one\n- two\n", encoding="utf-8")
    with pytest.raises(ContractRefused):
        read_contract(path)

"""A key of a file's form that no reader of the form reads, or a value that none can read, refuses the contract."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.samples import EXPECTATIONS
from hub.contracts.files import read_file_form
from hub.contracts.model import read_contract
from hub.contracts.values import ContractRefused


@pytest.mark.parametrize(
    "form",
    [
        {"formats": ["jsonl"], "countAttribute": "n"},
        {"formats": ["jsonl"], "encoding": "windows-1252"},
        {"formats": ["xml"], "rowPath": "report", "encoding": "windows-1252"},
        {"formats": ["jsonl"], "delimiter": ";"},
        {"formats": ["parquet"], "compression": "gzip"},
    ],
)
def test_a_key_that_the_reader_of_the_form_does_not_read_refuses_it(form: dict[str, Any]) -> None:
    with pytest.raises(ContractRefused):
        read_file_form(form)


@pytest.mark.parametrize(
    "form",
    [
        {"formats": ["csv"], "encoding": "utf8x"},
        {"formats": ["csv"], "encoding": "utf-16"},
        {"formats": ["csv"], "delimiter": "||"},
        {"formats": ["csv"], "delimiter": ""},
        {"formats": ["csv"], "delimiter": '"'},
        {"formats": ["xml"], "rowPath": "reports/report"},
    ],
)
def test_a_value_with_which_every_file_would_be_refused_refuses_it(form: dict[str, Any]) -> None:
    with pytest.raises(ContractRefused):
        read_file_form(form)


def test_another_name_of_a_column_is_read_or_refused_in_json_lines(tmp_path: Path) -> None:
    document = yaml.safe_load((EXPECTATIONS / "community_reports" / "contract.yaml").read_text(encoding="utf-8"))
    first = document["schema"][0]["properties"][0]
    first["customProperties"] = [{"property": "headerAliases", "value": ["body"]}]
    path = tmp_path / "community_reports" / "contract.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(document, default_flow_style=False), encoding="utf-8")
    with pytest.raises(ContractRefused, match="headerAliases"):
        read_contract(path)

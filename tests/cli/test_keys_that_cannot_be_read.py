"""A key that cannot be read is a mistake that a person can mend: it is said in one sentence."""

from pathlib import Path

import pytest

from cli.test_messages import call
from contracts.samples import packed_sample
from hub.contracts.model import Catalogue
from hub.settings import Settings


@pytest.mark.parametrize("command", ["keys list", "ingest true_vision_reports"])
def test_a_key_that_is_not_where_it_is_said_to_be_is_named_in_one_sentence(
    command: str, settings: Settings, catalogue: Catalogue, tmp_path: Path
) -> None:
    arguments = command.split()
    if arguments[0] == "ingest":
        arguments.append(str(packed_sample(catalogue.contracts["true_vision_reports"], "good", tmp_path)))
    elsewhere = str(tmp_path / "no" / "master.key")
    environment = {"HUB_HOME": str(settings.home), "HUB_WAREHOUSE_URL": settings.warehouse_url or ""}
    done = call(tmp_path, *arguments, **environment, HUB_MASTER_KEY_FILE=elsewhere)
    assert done.returncode in (1, 2), done.stderr
    assert elsewhere in done.stderr
    assert "Traceback" not in done.stderr

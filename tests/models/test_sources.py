"""What dbt is told of the raw tables is what the contracts say."""

import pytest

from contracts.samples import FEEDS
from hub.contracts.model import Catalogue
from hub.ingest.declare import source_declaration
from hub.settings import read_settings

STAGING = read_settings({}).dbt_project / "models" / "staging"


@pytest.mark.parametrize("feed", FEEDS)
def test_the_source_is_declared_as_the_contract_says(catalogue: Catalogue, feed: str) -> None:
    declared = (STAGING / feed / f"src_{feed}.yml").read_text()
    assert declared == source_declaration(catalogue.contracts[feed])


@pytest.mark.parametrize("feed", FEEDS)
def test_every_feed_has_a_staging_model(feed: str) -> None:
    assert (STAGING / feed / f"stg_{feed}.sql").is_file()
    assert (STAGING / feed / f"stg_{feed}.yml").is_file()


def test_no_staging_folder_is_left_behind() -> None:
    assert sorted(path.name for path in STAGING.iterdir() if path.is_dir()) == sorted(
        [*FEEDS, "disclosure", "forecast", "ledger", "linkage"]
    )

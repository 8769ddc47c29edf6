"""A long history can come in a few files: the same records, in an order in which each file keeps its contract."""

import csv
import zipfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.contracts.model import Catalogue
from hub.deliveries import DeliveryStatus
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.settings import Settings
from hub.simulate.history import HISTORY
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from simulate.delivered import truth_of

PLAN = Plan(reports=1_200, days=100, seed=5, end=date(2026, 10, 26))
DAYS_APART = 3
FILES_FROM = PLAN.end - timedelta(days=DAYS_APART - 1)
TEXT_FEEDS = ("true_vision_reports", "community_reports", "force_responses", "provider_statements", "victim_surveys")


@pytest.fixture(scope="module")
def by_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("by_day")
    simulate(PLAN, folder)
    return folder


@pytest.fixture(scope="module")
def gathered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gathered")
    simulate(PLAN, folder, files_from=FILES_FROM)
    return folder


def _lines(folder: Path, feed: str) -> Counter[str]:
    """Lines of all files of a feed; heads and ends are as many as there are files, so they are left out."""
    lines: Counter[str] = Counter()
    for path in (*folder.glob(f"{feed}/*"), *folder.glob(f"{HISTORY}/{feed}/*")):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                text = archive.read(archive.namelist()[0]).decode()
        else:
            text = path.read_text(encoding="utf-8")
        found = text.splitlines()
        lines.update(found[1:] if path.suffix in {".csv", ".zip"} else found)
    return Counter({line: count for line, count in lines.items() if not line.startswith(("<?xml", "<force", "</"))})


@pytest.mark.parametrize("feed", TEXT_FEEDS)
def test_not_a_record_is_lost_or_added(by_day: Path, gathered: Path, feed: str) -> None:
    assert _lines(gathered, feed) == _lines(by_day, feed)


def test_history_is_in_few_files_and_the_last_days_in_their_own(by_day: Path, gathered: Path) -> None:
    assert len(list((gathered / HISTORY / "true_vision_reports").iterdir())) <= DAYS_APART
    assert (
        len(list((gathered / HISTORY / "force_responses").iterdir())) < len(list(by_day.glob("force_responses/*"))) / 2
    )
    of_last_days = {f"provider_statements/sor-{FILES_FROM + timedelta(days=day)}.csv.zip" for day in range(DAYS_APART)}
    assert {f"{path.parent.name}/{path.name}" for path in gathered.glob("provider_statements/*")} == of_last_days


def test_a_history_file_states_a_report_once(gathered: Path) -> None:
    dirt = {record[:3] for record in truth_of(gathered) if record.expected_rule}
    seen: set[str] = set()
    repeated = 0
    for path in sorted((gathered / HISTORY / "true_vision_reports").iterdir()):
        with path.open(encoding="utf-8", newline="") as file:
            rows = [(number, row["report_ref"]) for number, row in enumerate(csv.DictReader(file), 1)]
        clean = [reference for number, reference in rows if ("true_vision_reports", path.name, number) not in dirt]
        assert len(clean) == len(set(clean))
        repeated += len(seen & set(clean))
        seen |= set(clean)
    # Corrections come in a later file than what they correct.
    assert repeated > 0


def test_the_truth_names_the_file_of_each_record(gathered: Path) -> None:
    files = {(path.parent.name, path.name) for path in gathered.rglob("*.*") if path.parent.name != "truth"}
    assert {(record.feed, record.file_name) for record in truth_of(gathered)} == files


def test_the_hub_takes_history_as_any_delivery(
    gathered: Path, catalogue: Catalogue, settings: Settings, engine: sa.Engine
) -> None:
    planted = {record[:3] for record in truth_of(gathered) if record.expected_rule}
    for feed in ("true_vision_reports", "community_reports", "victim_surveys"):
        contract = catalogue.contracts[feed]
        for path in sorted((gathered / HISTORY / feed).iterdir()):
            (receipt,) = collect_files(settings, engine, contract, [path])
            result = ingest_delivery(settings, engine, contract, receipt.delivery_id)
            assert result.status is DeliveryStatus.LOADED
            assert result.rows_quarantined == sum(one[:2] == (feed, path.name) for one in planted)

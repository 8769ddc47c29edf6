"""A feed is added with a contract, samples and a staging model, and one line where reports are joined: nothing else."""

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from hub.settings import read_settings
from journey.adding import UNION, Run, add_feed
from journey.conftest import HUB

FEED = "library_reports"
FILES = Path(__file__).with_name(FEED)


def packed(folder: Path, kind: str) -> Path:
    path = folder / f"{kind}.csv.gz"
    path.write_bytes(gzip.compress((FILES / "samples" / f"{kind}.csv").read_bytes()))
    return path


def test_the_rows_of_a_new_feed_reach_a_mart(project: Path, hub: Run, engine: sa.Engine, tmp_path: Path) -> None:
    before = {path.relative_to(project): path.read_bytes() for path in project.rglob("*") if path.is_file()}
    add_feed(project, hub, FILES)
    assert hub("feed", "check", FEED).strip() == f"{FEED}: ok"

    printed = hub("ingest", FEED, packed(tmp_path, "good"), packed(tmp_path, "bad"))
    good, bad = (json.loads(line) for line in printed.splitlines())
    assert (good["status"], good["rows_read"], good["rows_accepted"]) == ("loaded", 2, 2)
    assert (bad["status"], bad["rows_read"], bad["rows_accepted"], bad["rows_quarantined"]) == ("loaded", 12, 1, 11)
    # Every model and test with a feed added is built in the long test.
    hub("build", "--select", "+fct_reports +bridge_incident_strands +dim_feed")

    with engine.connect() as connection:
        reports = connection.execute(
            sa.text(
                "select report_ref, delivery_id::text, row_number, is_consented_share_police, force_code"
                " from marts.fct_reports where feed = :feed order by report_ref"
            ),
            {"feed": FEED},
        ).all()
        strands = connection.execute(
            sa.text(
                "select report_ref, strand_code from marts.bridge_incident_strands"
                " join marts.fct_reports using (incident_id) where feed = :feed order by 1, 2"
            ),
            {"feed": FEED},
        ).all()
        freshness = connection.execute(
            sa.text("select count(*) from marts.dim_feed where feed = :feed"), {"feed": FEED}
        ).scalar()
    # Both files have a slip L0001: the one of the file that came last is the newest.
    assert [(row[0], row[3], row[4]) for row in reports] == [("L0001", True, None), ("L0002", False, None)]
    assert {row[1] for row in reports} <= {good["delivery_id"], bad["delivery_id"]}
    assert [tuple(row) for row in strands if row[0] == "L0002"] == [("L0002", "disability")]
    assert freshness == 1

    after = {path.relative_to(project): path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert {path for path in before if after[path] != before[path]} == {UNION, Path("docs", "feeds.md")}
    added = {path.parent for path in after.keys() - before.keys()}
    assert added == {
        Path("expectations", FEED),
        Path("expectations", FEED, "samples"),
        Path("dbt_project", "models", "staging", FEED),
    }


TESTS_OF_ALL_FEEDS = (
    "tests/contracts",
    "tests/models/test_known_issues.py",
    "tests/models/test_layers.py",
    "tests/models/test_build.py::test_all_models_and_tests_of_the_samples_pass",
    "tests/models/test_build.py::test_every_sample_row_reaches_its_mart",
)


@pytest.mark.long
def test_every_test_of_all_feeds_holds_with_a_feed_added_as_the_readme_says(tmp_path: Path) -> None:
    """In a copy of the checkout, where only the files of the new feed, the union line and the page of feeds change."""
    checkout = read_settings({}).project
    listed = subprocess.run(["git", "-C", checkout, "ls-files"], capture_output=True, text=True, check=True).stdout
    copy = tmp_path / "checkout"
    for name in listed.splitlines():
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(checkout / name, copy / name)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "HUB_HOME": str(tmp_path / "home"),
        "PYTHONPATH": f"{copy / 'plugins'}:{copy / 'tests'}",
    }

    def run(*command: str, code: int = 0) -> str:
        done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout[-5000:] + done.stderr[-5000:]
        return done.stdout

    def hub(*arguments: str | Path) -> str:
        return run(HUB, *map(str, arguments))

    hub("feed", "new", FEED)
    said = run(HUB, "feed", "check", FEED, code=1)
    assert f"no model reads stg_{FEED}" in said
    for folder in (copy / "expectations" / FEED, copy / "dbt_project" / "models" / "staging" / FEED):
        shutil.rmtree(folder)
    add_feed(copy, hub, FILES)
    assert hub("feed", "check", FEED) == f"{FEED}: ok\n"
    printed = run(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS_OF_ALL_FEEDS)
    assert FEED in run(sys.executable, "-m", "pytest", "--collect-only", "tests/contracts"), "the tests find the feed"
    assert "failed" not in printed

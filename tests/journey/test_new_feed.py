"""A feed is added with a contract, samples and a staging model, and one line where reports are joined: nothing else."""

import gzip
import json
from pathlib import Path

import sqlalchemy as sa

from journey.adding import UNION, Run, add_feed

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
    assert (bad["status"], bad["rows_read"], bad["rows_accepted"], bad["rows_quarantined"]) == ("loaded", 10, 1, 9)
    hub("build")

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
                "select report_ref, strand_code from marts.bridge_report_strands"
                " join marts.fct_reports using (report_id) where feed = :feed order by 1, 2"
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
    assert [path for path in before if after[path] != before[path]] == [UNION]
    added = {path.parent for path in after.keys() - before.keys()}
    assert added == {
        Path("expectations", FEED),
        Path("expectations", FEED, "samples"),
        Path("dbt_project", "models", "staging", FEED),
    }

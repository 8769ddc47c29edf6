"""All feeds of a plan, written to a folder, with the truth beside them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from hub.simulate.cells import constant, numbered, only_where, pick
from hub.simulate.community import JSON_COLUMNS, community_rows
from hub.simulate.files import write_csv_files, write_json_lines, write_parquet, write_xml_files
from hub.simulate.plan import Plan
from hub.simulate.portal import portal_rows
from hub.simulate.recorded import recorded_rows
from hub.simulate.reports import COMMUNITY, PORTAL
from hub.simulate.responses import response_rows
from hub.simulate.rows import FeedRows
from hub.simulate.statements import statement_rows
from hub.simulate.street import street_rows
from hub.simulate.world import make_world

STREET_HEADERS = (
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code", "LSOA name",
)  # fmt: skip


@dataclass(frozen=True)
class Simulated:
    """What was written for one feed."""

    feed: str
    count_files: int
    count_records: int
    count_dirty: int


def simulate(plan: Plan, out: Path, note: Callable[[str], None] = lambda _: None) -> list[Simulated]:
    """Write ``out/<feed>/<files>`` for every feed, and ``out/truth/records.csv``. ``note`` is told of each step."""
    note("people, incidents and reports")
    world = make_world(plan)
    places = world.places
    portal = portal_rows(world.of_channel(PORTAL))
    community = community_rows(world.of_channel(COMMUNITY))
    written: list[FeedRows] = []

    def write(rows: FeedRows, writer: Callable[[FeedRows, Path], None]) -> None:
        note(rows.feed)
        folder = out / rows.feed
        folder.mkdir(parents=True, exist_ok=True)
        writer(rows, folder)
        written.append(rows)

    write(portal, lambda rows, folder: write_csv_files(rows, folder, rows.cells.column_names))
    write(community, lambda rows, folder: write_json_lines(rows, folder, JSON_COLUMNS))
    responses = response_rows(world, [portal, community])
    senders = [name.split("_", 2)[2].rsplit("_", 1)[0] for name in responses.file_names]
    write(responses, lambda rows, folder: write_xml_files(rows, folder, senders))
    write(statement_rows(plan), lambda rows, folder: write_csv_files(rows, folder, rows.cells.column_names))
    streets, outcomes = street_rows(plan, places)
    street_headers = [*STREET_HEADERS, "Crime type", "Last outcome category", "Context"]
    write(streets, lambda rows, folder: write_csv_files(rows, folder, street_headers))
    write(outcomes, lambda rows, folder: write_csv_files(rows, folder, [*STREET_HEADERS, "Outcome type"]))
    *lsoa_files, boroughs = recorded_rows(plan, places)
    for rows in lsoa_files:
        write(rows, lambda rows, folder: write_csv_files(rows, folder, rows.cells.column_names))
    write(boroughs, write_parquet)
    note("truth")
    _write_truth(written, places.forces, out)
    return _summary(written)


def _write_truth(written: list[FeedRows], forces: list[str], out: Path) -> None:
    folder = out / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.concat_tables([_truth_of(rows, forces) for rows in written])
    options = pa_csv.WriteOptions(quoting_style="needed", quoting_header="none")
    pa_csv.write_csv(table, folder / "records.csv", options)


def _truth_of(rows: FeedRows, forces: list[str]) -> pa.Table:
    truth = rows.truth
    return pa.table(
        {
            "feed": constant(rows.feed, rows.count),
            "file_name": pick(rows.file_names, rows.file),
            "row_number": pa.array(rows.numbers_in_file),
            "incident_id": only_where(truth.incident >= 0, numbered("I", truth.incident + 1)),
            "victim_person_id": only_where(truth.victim >= 0, numbered("P", truth.victim + 1)),
            "force_code": pick(forces, truth.force),
            "expected_rule": rows.rule_names,
        }
    )


def _summary(written: list[FeedRows]) -> list[Simulated]:
    feeds: Mapping[str, list[FeedRows]] = {
        feed: [rows for rows in written if rows.feed == feed] for feed in dict.fromkeys(rows.feed for rows in written)
    }
    return [
        Simulated(
            feed,
            sum(len(np.unique(rows.file)) for rows in parts),
            sum(rows.count for rows in parts),
            sum(int((rows.rule >= 0).sum()) for rows in parts),
        )
        for feed, parts in feeds.items()
    ]

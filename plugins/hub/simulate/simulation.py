"""All feeds of a plan, written to a folder, with the truth beside them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

from hub.simulate.activity import activity_rows
from hub.simulate.cases import make_cases
from hub.simulate.cells import constant, numbered, only_where, pick
from hub.simulate.community import JSON_COLUMNS, community_rows
from hub.simulate.files import write_csv_files, write_json_lines, write_parquet, write_xml_files
from hub.simulate.history import HISTORY, gathered, set_history_apart
from hub.simulate.places import Places
from hub.simulate.plan import Plan
from hub.simulate.police import police_rows
from hub.simulate.portal import portal_rows
from hub.simulate.programme import spend_rows, training_rows
from hub.simulate.providers import provider_rows
from hub.simulate.recorded import recorded_rows
from hub.simulate.reports import COMMUNITY, PORTAL, VOLUNTEERS
from hub.simulate.responses import make_answers, response_rows
from hub.simulate.rows import CLEAN, FeedRows
from hub.simulate.statements import statement_rows
from hub.simulate.street import street_rows
from hub.simulate.support import support_rows
from hub.simulate.surveys import survey_rows
from hub.simulate.volunteers import volunteer_rows
from hub.simulate.world import World, make_world

STREET_HEADERS = (
    "Crime ID", "Month", "Reported by", "Falls within", "Longitude", "Latitude", "Location", "LSOA code", "LSOA name",
)  # fmt: skip


@dataclass(frozen=True)
class Simulated:
    """The files written for one feed."""

    feed: str
    count_files: int
    count_records: int
    count_dirty: int


def simulate(
    plan: Plan, out: Path, note: Callable[[str], None] = lambda _: None, *, files_from: date | None = None
) -> list[Simulated]:
    """Write ``out/<feed>/<files>`` for every feed, and ``out/truth/records.csv``. ``note`` is called with each step.
    What is delivered before ``files_from`` is gathered in a few files a sender, under ``out/history/<feed>/``."""
    note("people, incidents and reports")
    world = make_world(plan)
    written: list[FeedRows] = []

    def write(rows: FeedRows, writer: Callable[[FeedRows, Path], None]) -> None:
        note(rows.feed)
        folder = out / rows.feed
        folder.mkdir(parents=True, exist_ok=True)
        delivered = rows if files_from is None else gathered(rows, files_from)
        writer(delivered, folder)
        if files_from is not None:
            set_history_apart(folder, out / HISTORY / rows.feed, files_from)
        written.append(delivered)

    reports = list(_report_rows(world))
    for rows in reports:
        write(rows, _json_lines if rows.feed == "community_reports" else _csv)
    cases = make_cases(world, reports)
    write(police_rows(world, cases.references, cases.known_at), _csv)
    answers = make_answers(world, cases)
    write(response_rows(world, cases, answers), write_xml_files)
    write(provider_rows(world, cases), _json_lines)
    for rows in (support_rows(world, cases), survey_rows(world, cases), activity_rows(world, cases, answers)):
        write(rows, _csv)
    _write_public(plan, world.places, write)
    note("truth")
    _write_truth(written, world.places.forces, out)
    return _summary(written)


def _report_rows(world: World) -> Iterator[FeedRows]:
    yield portal_rows(world.of_channel(PORTAL))
    yield community_rows(world.of_channel(COMMUNITY))
    yield volunteer_rows(world.of_channel(VOLUNTEERS))


def _write_public(
    plan: Plan, places: Places, write: Callable[[FeedRows, Callable[[FeedRows, Path], None]], None]
) -> None:
    """Feeds that are about no case."""
    write(training_rows(plan, places), _csv)
    write(spend_rows(plan), _csv)
    write(statement_rows(plan), _csv)
    streets, outcomes = street_rows(plan, places)
    street_headers = [*STREET_HEADERS, "Crime type", "Last outcome category", "Context"]
    write(streets, lambda rows, folder: write_csv_files(rows, folder, street_headers))
    write(outcomes, lambda rows, folder: write_csv_files(rows, folder, [*STREET_HEADERS, "Outcome type"]))
    *lsoa_files, boroughs = recorded_rows(plan, places)
    for rows in lsoa_files:
        write(rows, _csv)
    write(boroughs, write_parquet)


def _csv(rows: FeedRows, folder: Path) -> None:
    write_csv_files(rows, folder, rows.cells.column_names)


def _json_lines(rows: FeedRows, folder: Path) -> None:
    write_json_lines(rows, folder, JSON_COLUMNS)


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
            sum(int((rows.broken_rule != CLEAN).sum()) for rows in parts),
        )
        for feed, parts in feeds.items()
    ]

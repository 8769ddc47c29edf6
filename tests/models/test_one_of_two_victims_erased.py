"""Where one of an incident's two victims is erased, the other's journey stays as it was: nothing of it goes to them."""

import csv
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.linkage.incidents import link_incidents
from hub.linkage.overrides import REPORTS, set_override
from hub.privacy.erasure import erase_person
from hub.settings import Settings
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role
from models.persons_world import CR, Maker
from models.rows import fetch, put_files

CRIME = "01/900001/26"
ANN, BEA, UNNAMED, CAL, BESIDE = "TM-00000001", "TM-00000002", "TM-00000003", "TM-00000004", "TM-00000005"
"""Reports: of Ann and Bea and of nobody, about one incident; of Cal and of nobody, about another."""
TOLD = {ref: f"HA-0000000{number}" for number, ref in enumerate((ANN, BEA, UNNAMED, CAL, BESIDE), start=1)}
"""What the hub did about each report."""
ALL = {*TOLD, *TOLD.values(), CRIME}
EVENTS, VERSIONS = "marts.fct_journey_events", "marts.fct_journey_event_versions"
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Journeys:
    """Every event of these incidents, as the marts tell it, by table."""

    events: Mapping[str, Sequence[Row]]

    def of(self, victim: str | None) -> dict[str, list[str]]:
        """Those of one victim, whole."""
        return {
            table: sorted(json.dumps(row, sort_keys=True) for row in rows if row["victim_person_id"] == victim)
            for table, rows in self.events.items()
        }

    def refs(self, victim: str | None) -> set[str]:
        """The references of their events, which both tables know."""
        one, other = ({row["event_ref"] for row in rows if row["victim_person_id"] == victim}
                      for rows in self.events.values())  # fmt: skip
        assert one == other
        return one

    def journeys(self, victim: str | None) -> set[str]:
        return {row["journey_id"] for rows in self.events.values() for row in rows if row["victim_person_id"] == victim}

    def victim(self, ref: str) -> str | None:
        """Whose events with this reference are."""
        victim: str | None
        [victim] = {row["victim_person_id"] for rows in self.events.values() for row in rows if row["event_ref"] == ref}
        return victim


def read(engine: sa.Engine) -> Journeys:
    refs = ", ".join(f"'{ref}'" for ref in ALL)
    found = {
        table: fetch(engine, f"select to_jsonb(one) from {table} as one where event_ref in ({refs})")
        for table in (EVENTS, VERSIONS)
    }
    return Journeys(found)


def write_csv(path: Path, rows: Sequence[Row], columns: Sequence[str]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def take_in(settings: Settings, catalogue: Catalogue, folder: Path) -> None:
    maker = Maker()
    reports = [maker.report(CR, True, victim, "").row() for victim in ("full", "full", "", "full", "")]
    for row, ref in zip(reports, TOLD, strict=True):
        row |= {"case_ref": ref, "crime_reference": CRIME if ref in (ANN, BEA) else None}
    path = folder / "community_reports_2026-10-05.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in reports))
    work = {"role": "analyst", "officer_code": "P4711", "activity": "victim_acknowledgement", "hours": "0.5"}
    work |= {"started_at": "2026-10-05T13:30:00+01:00"}
    rows: dict[str, list[Row]] = {
        "hub_activity": [{**work, "activity_ref": one, "report_ref": ref} for ref, one in TOLD.items()],
        "police_hate_crimes": [
            {"crime_reference": CRIME, "force_code": "E23000001", "recorded_at": "2026-10-04T16:40:00+01:00",
             "occurred_on": "2026-10-02", "offence_code": "8M", "strands": "race", "is_online": "yes",
             "outcome_code": "18", "outcome_on": "2026-10-04"}
        ],
    }  # fmt: skip
    put_files(settings, catalogue.contracts[CR], [path])
    names = {"hub_activity": "hub_activity_2026-10-05", "police_hate_crimes": "police_hate_crimes_E23000001_2026-10"}
    for feed, name in names.items():
        contract = catalogue.contracts[feed]
        columns = [column.name for column in contract.columns]
        put_files(settings, contract, [write_csv(folder / f"{name}.csv", rows[feed], columns)])


def pin(settings: Settings, engine: sa.Engine) -> None:
    """Let a person have put together what is about one incident."""
    found = fetch(engine, "select report_ref, report_id from intermediate.int_reports__unioned")
    ids: dict[str, uuid.UUID] = dict(found)
    with begin(open_warehouse(settings, Role.LINKER)) as connection:
        for one, other in ((ANN, BEA), (BEA, UNNAMED), (CAL, BESIDE)):
            both = ids[one], ids[other]
            set_override(connection, REPORTS, both, is_together=True, because="read both", decided_by="a.person")


@pytest.mark.long
@pytest.mark.usefixtures("without_data_tests")
def test_the_other_victims_journey_stays_as_it_was(
    settings: Settings, engine: sa.Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    take_in(settings, catalogue, tmp_path)
    build_warehouse(settings, select="+int_reports__unioned")
    link_incidents(settings, engine)
    pin(settings, engine)
    build_warehouse(settings)
    before = read(engine)
    ann, bea, cal = (before.victim(ref) for ref in (ANN, BEA, CAL))
    assert len({ann, bea, cal} - {None}) == 3
    assert before.refs(ann) == {ANN, TOLD[ANN]}
    assert before.refs(bea) == {BEA, TOLD[BEA]}
    assert before.refs(None) == {UNNAMED, TOLD[UNNAMED], CRIME}
    assert before.refs(cal) == {CAL, TOLD[CAL], BESIDE, TOLD[BESIDE]}, "the only victim's"
    [token] = fetch(engine, f"select victim_email_token from raw.{CR} where case_ref = '{ANN}'")
    erase_person(settings, engine, catalogue, token, because="asked for by the person", decided_by="a.person")
    build_warehouse(settings)
    after = read(engine)
    assert after.of(bea) == before.of(bea), "neither more nor less, nor another journey"
    assert after.of(cal) == before.of(cal)
    assert after.refs(None) == {ANN, TOLD[ANN], UNNAMED, TOLD[UNNAMED], CRIME}, "nobody's"
    assert after.journeys(None).isdisjoint(before.journeys(bea))
    assert {row["victim_person_id"] for rows in after.events.values() for row in rows} == {None, bea, cal}

"""A table that is issued again as a whole, in the form of New York's hate crimes: added by contract, staging model and
union line alone, and right after each issue, with changed, reverted and withdrawn records."""

import csv
import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from journey.adding import Run, add_feed

FILES = Path(__file__).with_name("nypd_hate_crimes")
FEED = FILES.name
HEADER = (FILES / "samples" / "good.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
STRANDS = {
    "ANTI-BLACK": "race",
    "ANTI-ASIAN": "race",
    "ANTI-JEWISH": "religion",
    "ANTI-MUSLIM": "religion",
    "ANTI-MALE HOMOSEXUAL (GAY)": "sexual_orientation",
    "ANTI-TRANSGENDER": "transgender",
}
COUNT = 40
Motives = Mapping[int, str]


def first_motives() -> dict[int, str]:
    return {number: list(STRANDS)[number % len(STRANDS)] for number in range(1, COUNT + 1)}


def rows_of(motives: Motives) -> list[list[str]]:
    """A row for each complaint and arrest: every third complaint has two arrests, every fifth one."""
    rows = []
    for number, motive in motives.items():
        arrests = 2 if number % 3 == 0 else 1 if number % 5 == 0 else 0
        for arrest in range(max(arrests, 1)):
            is_arrest = arrest < arrests
            day = f"2026-{1 + number % 6:02}-{1 + number % 28:02}"
            rows.append(
                [f"2026048{number:08}", "2026", str(1 + number % 6), day, "48", "PATROL BORO BRONX", "BRONX", "FELONY",
                 "MISCELLANEOUS PENAL LAW", "AGGRAVATED HARASSMENT 1", motive, "Some category",
                 day if is_arrest else "", f"B{number:06}{arrest}" if is_arrest else ""]
            )  # fmt: skip
    return rows


def write(folder: Path, period: str, rows: Sequence[Sequence[str]]) -> Path:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *rows])
    path = folder / f"nypd_hate_crimes_{period}.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def shown(engine: sa.Engine) -> Counter[str]:
    """Reports that reach the marts, by strand."""
    query = sa.text(
        "select strand_code, count(*) from marts.fct_reports as reports"
        " join intermediate.int_reports__unioned as unioned using (report_id)"
        " cross join unnest(unioned.strands) as strand_code where reports.feed = :feed group by 1"
    )
    with engine.connect() as connection:
        rows = connection.execute(query, {"feed": FEED}).all()
    return Counter({row.strand_code: row[1] for row in rows})


def counted(engine: sa.Engine) -> tuple[int, int]:
    """Reports, and the incidents that they are of."""
    query = sa.text("select count(*), count(distinct incident_id) from marts.fct_reports where feed = :feed")
    with engine.connect() as connection:
        row = connection.execute(query, {"feed": FEED}).one()
    return int(row[0]), int(row[1])


def expected(motives: Motives) -> Counter[str]:
    return Counter(STRANDS[motive] for motive in motives.values())


@pytest.mark.long
def test_every_issue_of_a_whole_table_is_shown_as_it_is(
    project: Path, hub: Run, engine: sa.Engine, tmp_path: Path
) -> None:
    add_feed(project, hub, FILES)
    assert hub("feed", "check", FEED).strip() == f"{FEED}: ok"
    first = first_motives()
    # Fourteen complaints are of another motive, and six are no hate crimes after all.
    second = {
        number: "ANTI-TRANSGENDER" if number <= 14 else motive for number, motive in first.items() if number <= 34
    }
    # Half of those are as they were, two of the withdrawn ones are back, and three are new.
    third = second | {number: first[number] for number in (*range(1, 8), 35, 36)} | {41: "ANTI-BLACK", 42: "ANTI-BLACK",
                                                                                    43: "ANTI-MUSLIM"}  # fmt: skip
    changed = {number for number in second if second[number] != first[number]}
    reverted = {number for number in range(1, 8) if third[number] != second[number]}

    def take_in(period: str, motives: Motives) -> dict[str, object]:
        result: dict[str, object] = json.loads(hub("ingest", FEED, write(tmp_path, period, rows_of(motives))))
        hub("build")
        assert shown(engine) == expected(motives)
        assert counted(engine)[0] == len(motives)
        return result

    assert take_in("2026-03", first)["status"] == "loaded"
    incidents = counted(engine)[1]
    result = take_in("2026-06", second)
    arrests = [len(rows_of({number: "ANTI-BLACK"})) for number in first]
    assert (result["records_new"], result["records_withdrawn"]) == (0, sum(arrests[34:]))
    assert result["records_changed"] == sum(arrests[number - 1] for number in changed)
    assert counted(engine)[1] <= incidents
    result = take_in("2026-09", third)
    assert result["records_changed"] == sum(arrests[number - 1] for number in reverted)
    assert result["status"] == "loaded"

    torn = json.loads(hub("ingest", FEED, write(tmp_path, "2026-12", rows_of(third)[:12])))
    assert (torn["status"], str(torn["reason"]).startswith("snapshot.withdrawn: ")) == ("held", True)

"""The true counts behind ``public_statistics_v1``: crimes by area, part and financial period, with all margins."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from recomputed.inputs import Inputs
from recomputed.outcomes import Facts
from recomputed.reports import Report
from recomputed.values import month_of
from recomputed.working_time import holds

RECORDED, CLOSED = "criminal_incidents", "closed_incidents"
UNKNOWN, ABROAD = "unknown", "ABROAD"
NOBODYS = (UNKNOWN, ABROAD)
"""Of these no force sends records, so that all that is known is counted."""
PARTS_OF_CLOSED = ("charged", "other_positive", "not_positive", "all")


@dataclass(frozen=True)
class Period:
    """A financial year, April to March, or a quarter of one."""

    kind: str
    code: str
    year: str
    quarter: str | None
    first: date
    last: date


@dataclass(frozen=True)
class Area:
    """A force, what nobody knows whose it is, a region, or all."""

    kind: str
    code: str
    name: str | None
    forces: tuple[str, ...]
    """Those whose crimes it counts, ``unknown`` among them."""


@dataclass(frozen=True)
class Cell:
    """One figure and what it is counted from; None where no force of the area sent records for the period."""

    measure: str
    area: Area
    part: str
    period: Period
    count: int | None
    forces_reported: int
    forces: int

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.measure, self.area.code, self.part, self.period.code


def quarter_of(day: date) -> Period:
    """The financial quarter in which a day lies: the first runs from April to June."""
    first = date(day.year, day.month - (day.month - 1) % 3, 1)
    following = (first + timedelta(days=100)).replace(day=1)
    year, number = year_of(day), (first.month // 3 - 1) % 4 + 1
    return Period("quarter", f"{year.code} Q{number}", year.code, f"Q{number}", first, following - timedelta(days=1))


def year_of(day: date) -> Period:
    """The financial year in which a day lies."""
    begins = day.year if day.month >= 4 else day.year - 1
    code = f"{begins}/{(begins + 1) % 100:02}"
    return Period("year", code, code, None, date(begins, 4, 1), date(begins + 1, 3, 31))


def read_cells(inputs: Inputs, reports: list[Report], facts: list[Facts]) -> list[Cell]:
    """All cells. A force counts in the quarters for which it sent records; what it did not send is in no total."""
    sent: dict[str, set[str]] = defaultdict(set)
    for report in reports:
        if report.feed == "police_hate_crimes" and report.force_named is not None:
            sent[report.force_named].add(quarter_of(month_of(report.reported_at)).code)
    crimes = [each for each in facts if each.incident.is_criminal]
    counts = Counter(_counted(crimes))
    parts = [(RECORDED, row["strand_code"]) for row in inputs.seed("strands")]
    parts += [(RECORDED, part) for part in ("not_stated", "all")]
    parts += [(CLOSED, part) for part in PARTS_OF_CLOSED]
    cells = []
    for area in read_areas(inputs):
        forces = [force for force in area.forces if force not in NOBODYS]
        for period, quarters in _periods(inputs, crimes):
            reported = [force for force in forces if sent[force] & quarters]
            is_collected = bool(reported) or any(force in NOBODYS for force in area.forces)
            for measure, part in parts:
                count = sum(
                    counts[measure, force, part, quarter]
                    for force in area.forces
                    for quarter in quarters
                    if force in NOBODYS or quarter in sent[force]
                )
                shown = count if is_collected else None
                cells.append(Cell(measure, area, part, period, shown, len(reported), len(forces)))
    return cells


def _counted(crimes: list[Facts]) -> Iterator[tuple[str, str, str, str]]:
    """Measure, force, part and quarter of each crime: recorded in the quarter of its first report, closed in that of
    its final outcome."""
    for each in crimes:
        force = each.incident.force or UNKNOWN
        for part in (*(each.incident.strands or ("not_stated",)), "all"):
            yield RECORDED, force, part, quarter_of(each.month).code
        if each.closed_month is not None:
            for part in (_outcome(each), "all"):
                yield CLOSED, force, part, quarter_of(each.closed_month).code


def _outcome(each: Facts) -> str:
    if each.is_charged:
        return "charged"
    return "other_positive" if each.is_positive else "not_positive"


def _periods(inputs: Inputs, crimes: list[Facts]) -> Iterator[tuple[Period, set[str]]]:
    """Each quarter and year, and the codes of the quarters that it has."""
    quarters = _quarters(inputs, crimes)
    for quarter in quarters:
        yield quarter, {quarter.code}
    for year in dict.fromkeys(year_of(quarter.first) for quarter in quarters):
        yield year, {quarter.code for quarter in quarters if quarter.year == year.code}


def _quarters(inputs: Inputs, crimes: list[Facts]) -> list[Period]:
    """From the first quarter in which a crime was recorded or closed to the last, in the latest years published."""
    months = [month for each in crimes for month in (each.month, each.closed_month) if month is not None]
    day, last, quarters = min(months), max(months), []
    while day <= quarter_of(last).last:
        quarters.append(quarter_of(day))
        day = quarters[-1].last + timedelta(days=1)
    years = list(dict.fromkeys(quarter.year for quarter in quarters))[-int(parameter(inputs, "years_published")) :]
    return [quarter for quarter in quarters if quarter.year in years]


def parameter(inputs: Inputs, code: str) -> str:
    """A number of the disclosure rules that holds as of the data."""
    day = inputs.as_of.date()
    rows = inputs.seed("disclosure_parameters")
    return next(str(row["parameter_value"]) for row in rows if row["parameter_code"] == code and holds(row, day))


def read_areas(inputs: Inputs) -> list[Area]:
    """The police forces of the United Kingdom, what is nobody's of them, the regions and countries, and all of it."""
    names = {row["force_code"]: row["force_name"] for row in inputs.seed("police_forces")}
    regions: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in inputs.seed("force_regions"):
        regions[row["region_code"], row["region_name"]].append(row["force_code"])
    return [
        *(Area("force", code, name, (code,)) for code, name in names.items()),
        Area("force", UNKNOWN, None, (UNKNOWN,)),
        *(Area("region", code, name, tuple(members)) for (code, name), members in regions.items()),
        Area("all", "all", None, (*names, UNKNOWN)),
    ]

"""Makes the sections of the briefing of published rows: what to read first, maps, tasking, themes, how good it is."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from hub.briefing.areas import MAPS, NAMED_FIRST, maps_of, shown_on, why_not_shown, withheld
from hub.briefing.content import Briefing
from hub.briefing.missing import missing_point, missing_section
from hub.briefing.phrases import UNKNOWN, amount, day, listed, several, share, spread, times, words
from hub.briefing.success import success_section
from hub.briefing.tables import PublishedTables, Row
from hub.documents.content import Section, Table
from hub.ingest.samples import NOTICE

TITLE = "Weekly intelligence briefing: online and offline hate reports"
NOT_SHOWN = "What cannot be shown, and why"
REPORTS_ARE = (
    "These are reports, not crimes: where few report, few are expected. A report is an incident, counted once, however "
    "many people reported it. An interval holds the count nine times in ten. Nothing here is about a person, and no "
    "area is tasked before a person has approved it."
)


def make_briefing(published: PublishedTables, boundaries: Path | None = None) -> Briefing:
    """The whole briefing; with ``boundaries`` (GeoJSON) the maps have true shapes where the file names their areas."""
    rows = published.rows
    # Not every panel is weekly: the police's own counts are forecast by month.
    weeks = [row["cut_off"] for row in rows["runs"] if row["panel"] in {level for _, level, _ in MAPS}]
    week = max(weeks) if weeks else _monday(published.published_at.date())
    as_of = published.data_as_of.strftime("%d %B %Y, %H:%M UTC") if published.data_as_of else "no delivery yet"
    stamp = f"Data as of {as_of}. Publish {published.publish_id} of {published.published_at:%d %B %Y, %H:%M} UTC."
    if published.count_rows_simulated:
        stamp += f" {NOTICE}"
    maps = list(maps_of(rows["forecasts"], rows["runs"], boundaries))
    as_of_on = published.data_as_of.date() if published.data_as_of else None
    parts = (
        success_section(rows["success"], rows["capacity"], as_of_on),
        *maps,
        _tasking(rows["tasking"]),
        _online(rows["online"], rows["runs"]),
        _themes(rows["themes"], _why_none_rises(rows["compared"])),
        _questions(rows["questions"]),
        _evaluation(rows["evaluation"]),
        _equity(rows["equity"], rows["runs"]),
    )
    shown = [part for part in parts if part.tables]
    sections = (
        Section("first", "What to know this week", (REPORTS_ARE,), list(_points(published))),
        *shown,
        *_not_shown(rows["runs"], [part for part in parts if not part.tables]),
        missing_section(rows["feeds"], rows["measures"]),
        _about(),
    )
    return Briefing(f"{TITLE}, week of {day(week)}", stamp, sections, week)


def _not_shown(runs: Sequence[Row], empty: Sequence[Section]) -> Iterator[Section]:
    """What a reader may look for and not find, and why, in one place."""
    points = [f"No forecast {_by(panel)} is published: {because}." for panel, because in withheld(runs).items()]
    points += [sentence for part in empty for sentence in part.paragraphs]
    if points:
        yield Section("not_shown", NOT_SHOWN, points=points)


def _monday(today: date) -> date:
    return today - timedelta(days=today.weekday())


def _points(published: PublishedTables) -> Iterator[str]:
    rows = published.rows
    for map_code, level, called in MAPS:
        shown = shown_on(map_code, level, rows["forecasts"])
        if shown:
            first = [
                f"{row['area_name']} ({amount(row['expected_reports'])}; {spread(row['p05'], row['p95'])})"
                for row in shown[:NAMED_FIRST]
            ]
            yield f"Most reports are expected in these {called}s: {listed(first)}."
    if not rows["runs"]:
        yield "No forecast has been made yet."
    elif held := withheld(rows["runs"]):
        of_all = len({row["panel"] for row in rows["runs"]})
        yield f"Of {several(of_all, 'forecast')} {len(held)} cannot be published: see “{NOT_SHOWN}”."
    if rows["tasking"]:
        forces = several(len({row["force_code"] for row in rows["tasking"]}), "force")
        yield f"Approved for tasking: {several(len(rows['tasking']), 'area')} of {forces}."
    if rows["themes"]:
        rising = [
            f"{words(row['strand_code'])} on {words(row['provider_code'])}" for row in rows["themes"][:NAMED_FIRST]
        ]
        yield f"Rising against the thirteen weeks before: {listed(rising)}."
    yield from missing_point(rows["feeds"])


def _by(panel: str) -> str:
    return "of what comes online" if panel == "online" else f"by {words(panel)}"


def _why_none_rises(compared: Sequence[Row]) -> str:
    (seen,) = compared or ({"count_themes": 0, "count_compared": 0},)
    if not seen["count_themes"]:
        return "No strand and platform has five reports in four weeks: there is no theme to look at."
    if not seen["count_compared"]:
        return "Whether a theme rises cannot be said yet: there are less than seventeen weeks of reports."
    return "No theme rises beyond what chance explains."


def _tasking(rows: Sequence[Row]) -> Section:
    if not rows:
        return Section("tasking", "Areas approved for tasking", ("No area has been approved for tasking.",))
    table = Table(
        "Areas that a person has approved",
        ("Area", "Why", "Expected (90%)", "In", "Strands", "Action", "Review by"),
        [
            (
                row["area_name"] or row["area_code"],
                f"{row['why']} (chosen: {words(row['selection'])}; {several(row['stability_weeks'], 'week')} in a row)",
                f"{amount(row['expected_reports'])} ({spread(row['p05'], row['p95'])})",
                words(row["horizon"]),
                ", ".join(words(strand) for strand in row["strands"]) or UNKNOWN,
                words(row["action"]),
                day(row["review_by"]),
            )
            for row in rows
        ],
        (17, 30, 13, 9, 12, 12, 14),
        frozenset({2}),
    )
    return Section("tasking", "Areas approved for tasking", tables=(table,))


def _online(rows: Sequence[Row], runs: Sequence[Row]) -> Section:
    shown = [row for row in rows if row["caveat_code"] not in ("withheld", "too_few_authors")]
    if not shown:
        because = why_not_shown(runs, "online", "no platform and strand has ten authors")
        told = (
            () if "online" in withheld(runs) else (f"There is no published forecast of what comes online: {because}.",)
        )
        return Section("online", "Online, by platform", told)
    table = Table(
        "Where most growth is expected; at least ten authors in each row",
        ("Platform", "Strand", "Community", "Expected (90%)", "Growth", "Known"),
        [
            (
                words(row["provider_code"]),
                words(row["strand_code"]),
                words(row["community_band"]),
                f"{amount(row['expected_reports'])} ({spread(row['p05'], row['p95'])})",
                times(row["growth_13w"]),
                share(row["completeness"]),
            )
            for row in shown
        ],
        (20, 20, 16, 18, 13, 13),
        frozenset({3, 4, 5}),
    )
    lead = (
        f"Reports expected in the week from {day(shown[0]['week_starts_on'])}. Growth is what is expected, divided by "
        "the weekly mean of the thirteen weeks before. Community is the fifth of local authorities by the share of "
        "residents of other than white groups."
    )
    return Section("online", "Online, by platform", (lead,), tables=(table,))


def _themes(rows: Sequence[Row], why_none: str) -> Section:
    title = "Themes that rise"
    if not rows:
        return Section("themes", title, (why_none,))
    table = Table(
        "Strands and platforms whose reports of four weeks are more than chance explains",
        ("Strand", "Platform", "Reports", "Growth", "Repeat victims", "Repeat content", "Evidence"),
        [
            (
                words(row["strand_code"]),
                words(row["provider_code"]),
                amount(row["count_reports_4w"]),
                times(row["growth"]) if row["growth"] is not None else "none before",
                _counted(row["count_repeat_victims"]),
                _counted(row["count_repeat_content"]),
                row["evidence"],
            )
            for row in rows
        ],
        (14, 14, 11, 11, 10, 10, 30),
        frozenset({2, 3, 4, 5}),
    )
    return Section("themes", title, tables=(table,))


def _counted(count: int | None) -> str:
    return "1 to 4" if count is None else f"{count:,}"


def _questions(rows: Sequence[Row]) -> Section:
    title = "To ask for at the next tasking meetings"
    if not rows:
        return Section("questions", title, ("There is nothing to ask for at tasking meetings.",))
    table = Table(
        "What to ask each police force for",
        ("Force", "Ask for", "Evidence", "View"),
        [(row["force_name"], row["question"], row["evidence"], row["evidence_view"]) for row in rows],
        (20, 32, 28, 20),
    )
    return Section("questions", title, tables=(table,))


def _evaluation(rows: Sequence[Row]) -> Section:
    title = "How good the forecasts are"
    lead = "Each forecast of a past period was made from what was known before it, and held against what came."
    if not rows:
        return Section("evaluation", title, ("No forecast has been tested yet.",))
    evaluated = [row for row in rows if not row["is_withheld"]]
    points = [
        f"By {words(row['panel'])}, {words(row['horizon'])}: {row['outside_ranges']}."
        for row in evaluated
        if row["outside_ranges"]
    ]
    table = Table(
        "Reports caught in a twentieth of the areas, and bits a report gained over equal areas",
        ("Forecast", "Method", "Periods", "Caught", "Bits", "Ahead by (at least)", "In 90% interval"),
        [
            (
                f"{words(row['panel'])}, {words(row['horizon'])}",
                f"best baseline: {words(row['method_code'])}" if row["is_best_baseline"] else words(row["method_code"]),
                f"{row['count_periods']:,}",
                share(row["hit_rate"]),
                _bits(row["bits_per_event"]),
                f"{_bits(row['bits_gain'])} ({_bits(row['bits_gain_low'])})"
                if row["bits_gain"] is not None
                else UNKNOWN,
                share(row["coverage_90"]),
            )
            for row in evaluated
        ],
        (24, 16, 9, 9, 9, 18, 15),
        frozenset({2, 3, 4, 5, 6}),
    )
    return Section("evaluation", title, (lead,), points, tables=(table,)) if evaluated else Section("evaluation", title)


def _bits(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.2f}"


def _equity(rows: Sequence[Row], runs: Sequence[Row]) -> Section:
    title = "Who lives in the areas that are proposed"
    if not rows:
        because = (
            "every forecast is withheld, or its counts are too small to be shown" if runs else "none has been made yet"
        )
        return Section("equity", title, (f"No forecast can be compared by group of areas: {because}.",))
    table = Table(
        "Shares by group of areas",
        ("Forecast", "Group", "Areas", "Residents", "Reports", "Proposed", "Caught in a tenth"),
        [
            (
                words(row["panel"]),
                f"{words(row['group_kind'])}, {words(row['group_code'])}",
                f"{row['count_areas']:,}",
                share(row["share_residents"]),
                share(row["share_reports"]),
                share(row["share_tasking"]),
                share(row["hit_rate"]),
            )
            for row in rows
        ],
        (20, 26, 9, 11, 11, 11, 12),
        frozenset({2, 3, 4, 5, 6}),
    )
    return Section("equity", title, tables=(table,))


def _about() -> Section:
    return Section(
        "about",
        "About these figures",
        (
            "Everything here is read from the published views of one publication and can be asked again there. "
            "Counts of 1 to 4 reports are left out of forecasts, themes and tests, there as here. A forecast is "
            "withheld, with its reason, unless it is surely better than every baseline, each at its best. What "
            "officers recorded or volunteers found by themselves is no part of forecasts and themes. What waits or is "
            "overdue is counted as of the moment of the data at the top.",
            "Tiles are placed by the centres of the areas; centres: mySociety, MIT licence; areas: Office for National "
            "Statistics, Open Government Licence v3.0.",
        ),
    )

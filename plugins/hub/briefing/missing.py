"""The section about missing rows: in quarantine, in deliveries that wait or could not be read, of late feeds."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from hub.briefing.phrases import month, several
from hub.briefing.tables import Row
from hub.documents.content import Section, Table

TITLE = "What is missing from these figures"


def missing_point(feeds: Sequence[Row]) -> Iterator[str]:
    """One line for the top of the briefing, where rows are in quarantine."""
    if count := sum(row["count_rows_quarantined"] for row in feeds):
        of = several(len([row for row in feeds if row["count_rows_quarantined"]]), "feed")
        are = "is" if count == 1 else "are"
        yield f"{several(count, 'row')} of {of} {are} in quarantine and in no figure: see “{TITLE}”."


def missing_section(feeds: Sequence[Row], measures: Sequence[Row]) -> Section:
    """What each feed lacks, and which measures that touches."""
    if not feeds:
        lead = "No row is in quarantine, no delivery is held or refused, and no feed is late."
        return Section("missing", TITLE, (lead,))
    of_feeds = Table(
        "Feeds of which something is missing",
        ("Feed", "Rows accepted", "Rows in quarantine", "Deliveries held", "Deliveries refused", "Late"),
        [
            (
                row["feed_title"],
                *(
                    f"{row[name]:,}"
                    for name in (
                        "count_rows_accepted",
                        "count_rows_quarantined",
                        "count_deliveries_held",
                        "count_deliveries_refused",
                    )
                ),
                "yes" if row["is_late"] else "no",
            )
            for row in feeds
        ],
        (30, 14, 15, 14, 15, 8),
        frozenset({1, 2, 3, 4}),
    )
    of_measures = Table(
        "Measures that are counted without rows in quarantine (count_rows_quarantined in measures_v1)",
        ("Measures", "First month", "Last month", "Rows missing in a month, at most"),
        [
            (", ".join(row["measure_name"] for row in alike), month(first), month(last), f"{most:,}")
            for (first, last, most), alike in groupby(
                measures, key=lambda row: (row["first_month"], row["last_month"], row["most_rows"])
            )
        ],
        (52, 15, 15, 18),
        frozenset({3}),
    )
    lead = (
        "A row in quarantine is in no figure until a person has corrected it. How many of them would change a figure "
        "nobody can say before. Of a delivery that is held or was refused no row is counted at all."
    )
    return Section("missing", TITLE, (lead,), tables=(of_feeds, of_measures) if measures else (of_feeds,))

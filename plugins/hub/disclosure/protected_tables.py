"""The protected figures for BI tools: how their counts are parts of each other and of the public statistics.

A reader subtracts. So what is left of a count besides its named parts is a cell here, too, which is in no table and has
to stay as open as one that is kept back.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from hub.disclosure.tables import Dimension, Flags

BUT = " but "
PUBLIC = ("criminal_incidents", "closed_incidents")
"""Measures of the public statistics."""
PLACES = {"no_force": "unknown", "another_country": "ABROAD"}
"""Crimes that the public statistics count in a place that is no force's, as measures of the whole hub: part and
area."""


@dataclass(frozen=True)
class Split:
    """Parts of a count of which no case is in two. Each is ``measure_code/part_code``. ``is_all``: there is nothing
    besides them. ``is_shared_trait``: a part says something of everybody who is counted there, as an outcome does."""

    whole: str
    parts: tuple[str, ...]
    is_all: bool = False
    is_shared_trait: bool = False

    @property
    def is_of_public(self) -> bool:
        """Whether the part is a count of the public statistics."""
        return self.parts[0].partition("/")[0] in PUBLIC

    @property
    def rest(self) -> str:
        """The code of the remainder."""
        return f"{self.whole}{BUT}{', '.join(part.partition('/')[2] for part in self.parts)}"


def _splits() -> Iterator[Split]:
    yield from (_of("measures", "reports", part) for part in ("reports_investigated", "incidents", "reports_criminal"))
    yield from (
        _of("measures", "reports_criminal", part) for part in ("reports_referred_elsewhere", "criminal_incidents")
    )
    yield _of("measures", "reports_investigated", "criminal_investigated")
    yield _of("measures", "incidents", "criminal_incidents")
    # Each incident that is no crime has a report that is none.
    yield _of("measures", "reports but reports_criminal", "incidents but criminal_incidents")
    yield _of("measures", "victims", "victims_referred")
    yield _of("measures", "criminal_incidents", "criminal_investigated")
    # Each crime that nobody worked on has a report that was not investigated.
    yield _of("measures", "reports but reports_investigated", "criminal_incidents but criminal_investigated")
    yield _of("measures", "criminal_incidents", "incidents_with_arrest")
    yield _of_trait("criminal_incidents", "charged_of_recorded", "other_positive_of_recorded")
    funnel = ("criminal_abroad", "criminal_uk", "criminal_awaiting_provider")
    yield _of("measures", "criminal_incidents", *funnel, is_all=True)
    # Of what awaits a provider no force is known; and another country's crimes are abroad, as are those of a force, or
    # of none, whose suspect is.
    yield _of("measures", "no_force", "criminal_awaiting_provider")
    yield _of("measures", "criminal_abroad", "another_country")
    yield _of("measures", "criminal_abroad but another_country", "no_force but criminal_awaiting_provider")
    yield _of_trait("closed", "charged_of_closed", "other_positive_of_closed")
    # Public statistics leave out forces that sent no records.
    yield Split("measures/criminal_incidents", ("criminal_incidents/all",))
    yield Split("measures/closed", ("closed_incidents/all",))
    yield Split("measures/charged_of_closed", ("closed_incidents/charged",))
    yield Split("measures/other_positive_of_closed", ("closed_incidents/other_positive",))
    not_positive = "measures/closed but charged_of_closed, other_positive_of_closed"
    yield Split(not_positive, ("closed_incidents/not_positive",))
    yield _of("measures", "clocks_started", "victims_code_running", "clocks_decided", is_all=True)
    yield _of("measures", "clocks_decided", "victims_code_met")
    for question in ("confident", "kept_informed", "satisfied", "feels_safe"):
        for wave in ("start", "end"):
            yield _of_trait(f"{question}_{wave}_answers", f"{question}_{wave}")
    yield _of("measures", "volunteer_reports", "counter_narratives", "support_signposted")
    yield _of("measures", "training_invited", "training_attended")
    yield _of("measures", "training_attended", "training_completed")
    for scorecard in ("force_scorecard", "provider_scorecard"):
        yield _of(scorecard, "received", "due")
        yield _of(scorecard, "due", "acknowledged")
        yield _of(scorecard, "acknowledged", "acknowledged_in_time")
        yield _of(scorecard, "received", "outcomes")
    yield _of("provider_scorecard", "outcomes", "removed")


def _of(measure: str, whole: str, *parts: str, is_all: bool = False) -> Split:
    return Split(f"{measure}/{whole}", tuple(f"{measure}/{part}" for part in parts), is_all)


def _of_trait(whole: str, *parts: str) -> Split:
    """Parts by an outcome or opinion; the remainder is a part, too."""
    return Split(f"measures/{whole}", tuple(f"measures/{part}" for part in parts), is_shared_trait=True)


SPLITS = tuple(_splits())


def with_rests(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells (key, ``count`` and more) and, below them, what is left of each count besides its named parts, with
    nothing but key and ``count``. Nothing is left, as every reader knows, where all forces have sent records: then the
    public count is the measure. Raises ValueError when parts exceed their whole."""
    complete = _complete(cells)
    keys = as_measures(cells)
    codes = keys["measure_code"] + "/" + keys["part_code"]
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for code, area, period, count in zip(codes, keys["area_code"], cells["period_code"], cells["count"], strict=True):
        counts.setdefault((area, period), {})[code] = count
    rests = []
    for (area, period), of_place in counts.items():
        for split in SPLITS:
            parts = [of_place[part] for part in split.parts if part in of_place]
            if split.is_all or split.whole not in of_place or not parts:
                continue
            rest = of_place[split.whole] - sum(parts)
            if rest < 0:
                raise ValueError(f"the parts of {split.whole} are more than it")
            if rest == 0 and split.is_of_public and (area, period) in complete:
                continue
            of_place[split.rest] = rest
            measure, _, part = split.rest.partition("/")
            rests.append((measure, area, part, period, rest))
    columns = ["measure_code", "area_code", "part_code", "period_code", "count"]
    return pd.concat([cells, pd.DataFrame(rests, columns=columns)], ignore_index=True) if rests else cells


def as_measures(cells: pd.DataFrame) -> pd.DataFrame:
    """Area, measure and part of each cell, as the splits name them: of :data:`PLACES` those of a measure."""
    keys = cells[["area_code", "measure_code", "part_code"]].copy()
    is_crime = (keys["measure_code"] == PUBLIC[0]) & (keys["part_code"] == "all")
    for part, area in PLACES.items():
        keys.loc[is_crime & (keys["area_code"] == area)] = ("all", "measures", part)
    return keys


def _complete(cells: pd.DataFrame) -> set[tuple[str, str]]:
    """Areas and periods in which all forces have sent records."""
    if "count_forces" not in cells:
        return set()
    are = cells[(cells["count_forces"] > 0) & (cells["count_forces_reported"] == cells["count_forces"])]
    return set(zip(are["area_code"], are["period_code"], strict=True))


def is_rest(cells: pd.DataFrame) -> Flags:
    """Which cells are the remainder of a count."""
    found: Flags = cells["part_code"].str.contains(BUT, regex=False).to_numpy(dtype=bool)
    return found


def split_dimensions() -> list[Dimension]:
    """The splits as ways in which codes ``measure_code/part_code`` add up."""
    return [
        Dimension(
            "part_code",
            {part: [split.whole] for part in (*split.parts, *(() if split.is_all else [split.rest]))},
            is_shared_trait=split.is_shared_trait,
        )
        for split in SPLITS
    ]

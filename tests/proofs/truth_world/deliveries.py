"""Makes the world's deliveries: files as their senders send them, and what is true of every row."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from proofs.second_world.lines import csv_line, json_line
from proofs.truth_world import one_incident, persons, several_incidents, whereabouts
from proofs.truth_world.events import World
from proofs.truth_world.reports import Report
from proofs.truth_world.sending import COMMUNITY, POLICE, TRUE_VISION, VOLUNTEER

type Situation = Callable[[World], Iterator[Report]]
type Row = tuple[str, str, int]
"""Feed, file name and row number."""

SITUATIONS: Mapping[Situation, float] = {
    **one_incident.SITUATIONS,
    **several_incidents.SITUATIONS,
    **persons.SITUATIONS,
    **whereabouts.SITUATIONS,
}
FILE_NAMES = {
    TRUE_VISION: "true_vision_{day}_{number:06d}.csv",
    COMMUNITY: "community_reports_{day}.jsonl",
    VOLUNTEER: "volunteer_reports_{day}.csv",
}


@dataclass(frozen=True)
class Deliveries:
    """Files in folders that are named for their feeds, and the report in every row."""

    files: Sequence[Path]
    reports: Mapping[Row, Report]


def make_reports(seed: int, count: int, today: date) -> list[Report]:
    """About so many reports, of situations as often as they happen."""
    world = World(Random(seed), today)
    kinds, weights = list(SITUATIONS), list(SITUATIONS.values())
    reports: list[Report] = []
    while len(reports) < count:
        (situation,) = world.rng.choices(kinds, weights)
        reports += situation(world)
    return reports


def deliver(reports: Sequence[Report], folder: Path, *, files_a_feed: int = 6) -> Deliveries:
    """Write the reports in the order of their times; forces each send their own."""
    rows: dict[Row, Report] = {}
    files: list[Path] = []
    for feed, batches in _batches(reports, files_a_feed).items():
        for name, batch in batches.items():
            path = folder / feed / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(_written(feed, batch))
            files.append(path)
            rows |= {(feed, name, number): report for number, report in enumerate(batch, start=1)}
    return Deliveries(files, rows)


def _batches(reports: Sequence[Report], files_a_feed: int) -> dict[str, dict[str, list[Report]]]:
    """The reports of each file, by feed and name."""
    of_feeds: defaultdict[str, list[Report]] = defaultdict(list)
    for report in sorted(reports, key=lambda one: (one.reported_at, one.reference)):
        of_feeds[report.feed].append(report)
    batches: dict[str, dict[str, list[Report]]] = {}
    for feed, own in of_feeds.items():
        if feed == POLICE:
            batches[feed] = _by_force(own)
            continue
        size = -(-len(own) // files_a_feed)
        named = batches.setdefault(feed, {})
        for number, start in enumerate(range(0, len(own), size), start=1):
            part = own[start : start + size]
            # Parts that end on one day are one file.
            name = FILE_NAMES[feed].format(day=f"{part[-1].reported_at:%Y-%m-%d}", number=number)
            named.setdefault(name, []).extend(part)
    return batches


def _by_force(own: Sequence[Report]) -> dict[str, list[Report]]:
    """Forces that share a crime number cannot share a file."""
    parts: list[tuple[set[object], list[Report]]] = []
    for report in own:
        number = report.cells["crime_reference"]
        part = next((one for one in parts if number not in one[0]), None)
        if part is None:
            part = (set(), [])
            parts.append(part)
        part[0].add(number)
        part[1].append(report)
    return {
        f"police_hate_crimes_POOL{place}_{part[-1].reported_at:%Y-%m}.csv": part
        for place, (_, part) in enumerate(parts)
    }


def _written(feed: str, batch: Sequence[Report]) -> bytes:
    if feed == COMMUNITY:
        return b"".join(json_line(report.cells) for report in batch)
    return csv_line(batch[0].cells) + b"".join(csv_line(report.cells.values()) for report in batch)

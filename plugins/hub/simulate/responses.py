"""What police forces answer: acknowledged, accepted, returned, transferred, outcome, as XML, a file a force and day."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from hub.simulate.calendar import EPOCH_ORDINAL
from hub.simulate.cells import SECONDS_A_DAY, Mask, Numbers, joined, london_times, numbered, pick
from hub.simulate.dirt import Dirt, soil
from hub.simulate.names import FIRST_NAMES, SURNAME_BEGINNINGS
from hub.simulate.rows import NOBODY, FeedRows, Truth, clean_rows
from hub.simulate.texts import REASONS
from hub.simulate.world import World

KINDS = ("acknowledged", "accepted", "returned", "transferred", "outcome")
ACKNOWLEDGED, ACCEPTED, RETURNED, TRANSFERRED, OUTCOME = range(5)
LONDON = "E23000001"
DAYS_BETWEEN_FILES = 14
"""London's force answers every day; the others gather their answers for some days."""
OUTCOMES = ("0", "1", "3", "8", "14", "15", "16", "18", "18", "18", "20", "21", "22", "harassment_warning", "apology")
RESPONSE_DIRT = (
    Dirt("response_ref.unique", same_as_before="response_ref"),
    Dirt("kind.known", {"kind": "noted", "transferred_to_force_code": None, "outcome_code": None}),
    Dirt("force_code.known", {"force_code": "E23000099", "transferred_to_force_code": None, "outcome_code": None,
         "kind": "accepted"}),
    Dirt("incident_ref.pattern", {"incident_ref": "the one of Monday"}),
    Dirt("happened_at.type", {"happened_at": "31 October 2026"}),
    Dirt("reason.given", {"kind": "returned", "reason": None, "outcome_code": None,
         "transferred_to_force_code": None}),
    Dirt("transferred_to_force_code.given", {"kind": "transferred", "transferred_to_force_code": None,
         "outcome_code": None}),
    Dirt("outcome_code.known", {"kind": "outcome", "outcome_code": "23", "transferred_to_force_code": None}),
    Dirt("outcome_code.given", {"kind": "outcome", "outcome_code": None, "transferred_to_force_code": None}),
    Dirt("row.unknown_key"),
)  # fmt: skip


def response_rows(world: World, senders: Sequence[FeedRows]) -> FeedRows:
    """Answers about incidents, under the reference of the first report of each that came in right."""
    chance = world.plan.chance("force_responses")
    reference = _first_references(senders, world.incidents.count)
    answerable = np.flatnonzero((reference >= 0) & (world.incidents.force >= 0))
    incident, kind, happened_at = _answers(world, chance, answerable)
    file, names, sent = _files(world, incident, happened_at)
    incident, kind, happened_at = incident[sent], kind[sent], happened_at[sent]
    force = world.incidents.force[incident]
    count = len(incident)
    references = pa.concat_arrays([_key(rows).combine_chunks() for rows in senders])
    other = (force + 1 + chance.integers(0, len(world.places.forces) - 1, count)) % len(world.places.forces)
    needs_reason = np.isin(kind, [RETURNED, TRANSFERRED])
    cells = {
        "response_ref": numbered("FR-", np.arange(1, count + 1)),
        "force_code": pick(world.places.forces, force),
        "allocation_ref": numbered("AL-", incident + 1),
        "incident_ref": references.take(pa.array(reference[incident])),
        "kind": pick(KINDS, kind),
        "happened_at": london_times(happened_at),
        "reason": pick(REASONS, np.where(needs_reason, chance.integers(0, len(REASONS), count), -1)),
        "transferred_to_force_code": pick(world.places.forces, np.where(kind == TRANSFERRED, other, -1)),
        "outcome_code": pick(OUTCOMES, np.where(kind == OUTCOME, chance.integers(0, len(OUTCOMES), count), -1)),
        "officer_name": joined(
            "PC ",
            pick([forms[0] for forms in FIRST_NAMES], chance.integers(0, len(FIRST_NAMES), count)),
            " ",
            pick(SURNAME_BEGINNINGS, chance.integers(0, len(SURNAME_BEGINNINGS), count)),
        ),
    }
    truth = Truth(incident, np.full(count, NOBODY), force)
    return soil(clean_rows("force_responses", cells, names, file, truth), RESPONSE_DIRT, chance)


def _key(rows: FeedRows) -> pa.ChunkedArray:
    return rows.cells["report_ref" if rows.feed == "true_vision_reports" else "case_ref"]


def _first_references(senders: Sequence[FeedRows], count_incidents: int) -> Numbers:
    """For each incident the place, in the senders' records one after the other, of its first right report; or -1."""
    incident = np.concatenate([rows.truth.incident for rows in senders])
    is_right = np.concatenate([rows.rule < 0 for rows in senders])
    file = np.concatenate([rows.file for rows in senders])
    order = np.argsort(file, kind="stable")
    order = order[is_right[order]]
    found, first = np.unique(incident[order], return_index=True)
    reference = np.full(count_incidents, -1)
    reference[found] = order[first]
    return reference


def _answers(world: World, chance: np.random.Generator, incident: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Incident, kind and second of each answer, in the order of time; those after the last day are not yet given."""
    count = len(incident)
    told = world.incidents.reported_at[incident]
    acknowledged = told + np.maximum(60, chance.exponential(0.7 * SECONDS_A_DAY, count)).astype(np.int64)
    acknowledged[:1] = told[:1] + 60
    second = acknowledged + chance.exponential(2 * SECONDS_A_DAY, count).astype(np.int64) + 60
    end = second + chance.exponential(20 * SECONDS_A_DAY, count).astype(np.int64) + 60
    answer = chance.choice([ACCEPTED, RETURNED, TRANSFERRED], size=count, p=[0.82, 0.10, 0.08])
    has_answer = chance.random(count) < 0.95
    has_end = has_answer & (answer == ACCEPTED)
    incidents = np.concatenate([incident, incident[has_answer], incident[has_end]])
    kinds = np.concatenate([np.full(count, ACKNOWLEDGED), answer[has_answer], np.full(int(has_end.sum()), OUTCOME)])
    times = np.concatenate([acknowledged, second[has_answer], end[has_end]])
    midnight = (world.plan.end.toordinal() - EPOCH_ORDINAL + 1) * SECONDS_A_DAY
    order = np.argsort(times, kind="stable")
    order = order[times[order] < midnight]
    return incidents[order], kinds[order], times[order]


def _files(world: World, incident: Numbers, happened_at: Numbers) -> tuple[Numbers, list[str], Mask]:
    """The file of each answer that is sent within the plan's days, the files' names, and which answers those are."""
    plan, forces = world.plan, world.places.forces
    force = world.incidents.force[incident]
    day = happened_at // SECONDS_A_DAY - (plan.start.toordinal() - EPOCH_ORDINAL)
    wait = np.where(force == forces.index(LONDON), 0, (force - day) % DAYS_BETWEEN_FILES)
    sent_on = day + wait
    sent = sent_on < plan.days
    if not sent.any():
        sent_on, sent = day, np.ones(len(day), dtype=bool)
    files, file = np.unique(sent_on[sent] * len(forces) + force[sent], return_inverse=True)
    names = [
        f"force_responses_{forces[code % len(forces)]}_{plan.dates[code // len(forces)]}.xml" for code in files.tolist()
    ]
    return file, names, sent

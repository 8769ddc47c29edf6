"""What police forces answer: acknowledged, accepted, returned, transferred, outcome, as XML, a file a force and day."""

from dataclasses import dataclass

import numpy as np

from hub.simulate.cases import Cases, day_of, days_after, end_of
from hub.simulate.cells import Mask, Numbers, drawn, joined, london_times, numbered, numbers_up_to, pick
from hub.simulate.dirt import Dirt, soil
from hub.simulate.names import FIRST_NAMES, SURNAME_BEGINNINGS
from hub.simulate.outcomes import OUTCOME_CODES, OUTCOME_SHARE
from hub.simulate.rows import NOBODY, FeedRows, Truth, clean_rows
from hub.simulate.texts import REASONS
from hub.simulate.world import World

KINDS = ("acknowledged", "accepted", "returned", "transferred", "outcome")
ACKNOWLEDGED, ACCEPTED, RETURNED, TRANSFERRED, OUTCOME = range(5)
LONDON = "E23000001"
DAYS_BETWEEN_FILES = 14
"""London's force answers every day; the others gather their answers for some days."""
SILENT, NEVER_DECIDED, NEVER_ENDED = 0.06, 0.07, 0.10
"""Of the cases that are sent so many are never acknowledged, of those so many never taken up, of those never ended."""
ANSWER_SHARE = (0.84, 0.08, 0.08)
RESPONSE_DIRT = (
    Dirt("response_ref.unique", same_as_before=("force_code", "response_ref")),
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


@dataclass(frozen=True)
class Answers:
    """One value an answer in each column, in the order of time; forces are indexes into the places' forces."""

    incident: Numbers
    force: Numbers
    kind: Numbers
    happened_at: Numbers
    to_force: Numbers
    outcome: Numbers

    def take(self, places: Numbers) -> "Answers":
        """Some of the answers."""
        return Answers(
            self.incident[places],
            self.force[places],
            self.kind[places],
            self.happened_at[places],
            self.to_force[places],
            self.outcome[places],
        )


def make_answers(world: World, cases: Cases) -> Answers:
    """What forces do with the crimes that they are sent, up to the plan's end."""
    chance = world.plan.chance("answers")
    force = world.incidents.force
    here = (force >= 0) & (force != world.places.abroad)
    sent = np.flatnonzero(here & cases.is_crime(np.arange(world.incidents.count)) & (cases.sent_at < end_of(world)))
    count = len(sent)
    acknowledged = days_after(chance, cases.sent_at[sent], 0.7)
    answered = days_after(chance, acknowledged, 2)
    kind = ACCEPTED + drawn(ANSWER_SHARE, chance, count)
    taken = chance.random(count) >= NEVER_DECIDED
    other = _another(world, chance, force[sent])
    parts = [
        _answers(sent, force[sent], np.full(count, ACKNOWLEDGED), acknowledged),
        _answers(sent, force[sent], kind, answered, to_force=np.where(kind == TRANSFERRED, other, NOBODY))
        .take(np.flatnonzero(taken)),
    ]  # fmt: skip
    # Who is passed a case acknowledges and accepts it; who sent one back takes it in the end, now and then.
    moved = taken & ((kind == TRANSFERRED) | (kind == RETURNED) & (chance.random(count) < 0.4))
    owner = np.where(kind == TRANSFERRED, other, force[sent])
    again = days_after(chance, answered, 1)
    accepted = days_after(chance, again, 2)
    moves = np.flatnonzero(moved)
    parts.append(_answers(sent, owner, np.full(count, ACKNOWLEDGED), again).take(moves))
    parts.append(_answers(sent, owner, np.full(count, ACCEPTED), accepted).take(moves))
    ended = taken & ((kind == ACCEPTED) | moved) & (chance.random(count) >= NEVER_ENDED)
    end = days_after(chance, np.where(moved, accepted, answered), 28)
    outcome = drawn(OUTCOME_SHARE, chance, count)
    parts.append(_answers(sent, owner, np.full(count, OUTCOME), end, outcome=outcome).take(np.flatnonzero(ended)))
    heard = chance.random(world.incidents.count) >= SILENT
    answers = Answers(*[np.concatenate([getattr(part, name) for part in parts]) for name in Answers.__annotations__])
    order = np.argsort(answers.happened_at, kind="stable")
    keep = heard[answers.incident] & (answers.happened_at < end_of(world))
    return answers.take(order[keep[order]])


def response_rows(world: World, cases: Cases, answers: Answers) -> FeedRows:
    """Answers about incidents, under the reference of the first report of each that came in right."""
    chance = world.plan.chance("force_responses")
    file, names, sent = _files(world, answers)
    answers = answers.take(np.flatnonzero(sent))
    incident, kind, count = answers.incident, answers.kind, len(answers.kind)
    needs_reason = np.isin(kind, [RETURNED, TRANSFERRED])
    cells = {
        "response_ref": numbered("FR-", numbers_up_to(count)),
        "force_code": pick(world.places.forces, answers.force),
        "allocation_ref": numbered("AL-", incident + 1),
        "incident_ref": cases.reference(incident),
        "kind": pick(KINDS, kind),
        "happened_at": london_times(answers.happened_at),
        "reason": pick(REASONS, np.where(needs_reason, chance.integers(0, len(REASONS), count), NOBODY)),
        "transferred_to_force_code": pick(world.places.forces, answers.to_force),
        "outcome_code": pick(OUTCOME_CODES, answers.outcome),
        "officer_name": joined(
            "PC ",
            pick([forms[0] for forms in FIRST_NAMES], chance.integers(0, len(FIRST_NAMES), count)),
            " ",
            pick(SURNAME_BEGINNINGS, chance.integers(0, len(SURNAME_BEGINNINGS), count)),
        ),
    }
    truth = Truth.of(incident, world.incidents.force[incident])
    return soil(clean_rows("force_responses", cells, names, file, truth), RESPONSE_DIRT, chance)


def _answers(
    incident: Numbers,
    force: Numbers,
    kind: Numbers,
    happened_at: Numbers,
    to_force: Numbers | None = None,
    outcome: Numbers | None = None,
) -> Answers:
    nothing = np.full(len(incident), NOBODY)
    return Answers(
        incident,
        force,
        kind,
        happened_at,
        nothing if to_force is None else to_force,
        nothing if outcome is None else outcome,
    )


def _another(world: World, chance: np.random.Generator, force: Numbers) -> Numbers:
    """Another force in the country."""
    here = np.array([place for place in range(len(world.places.forces)) if place != world.places.abroad])
    place = np.searchsorted(here, force)
    other: Numbers = here[(place + 1 + chance.integers(0, len(here) - 1, len(force))) % len(here)]
    return other


def _files(world: World, answers: Answers) -> tuple[Numbers, list[str], Mask]:
    """The file of each answer that is sent within the plan's days, the files' names, and which answers those are."""
    plan, forces, dates = world.plan, world.places.forces, world.plan.dates
    day = day_of(world, answers.happened_at)
    wait = np.where(answers.force == forces.index(LONDON), 0, (answers.force - day) % DAYS_BETWEEN_FILES)
    sent_on = day + wait
    sent = sent_on < plan.days
    if not sent.any():
        sent_on, sent = day, np.ones(len(day), dtype=bool)
    files, file = np.unique(sent_on[sent] * len(forces) + answers.force[sent], return_inverse=True)
    names = [
        f"force_responses_{forces[code % len(forces)]}_{dates[code // len(forces)]}.xml" for code in files.tolist()
    ]
    return file, names, sent

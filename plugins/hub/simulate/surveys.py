"""What victims answer at the start and at the end: CSV, a file a month, a row an answer."""

import numpy as np

from hub.simulate.cases import Cases, end_of
from hub.simulate.cells import SECONDS_A_DAY, Numbers, constant, days_text, numbered, numbers_up_to, pick, pick_from
from hub.simulate.dirt import Dirt, soil
from hub.simulate.months import month_of
from hub.simulate.rows import NOBODY, FeedRows, Truth, clean_rows
from hub.simulate.world import World

ASKED_SHARE, ANSWERS_AGAIN = 0.03, 0.62
QUESTIONS = (
    "confidence_in_police", "kept_informed", "satisfied_with_police", "feels_safe",
    *(f"cope_recover_{number}" for number in range(1, 9)),
)  # fmt: skip
ANSWERS = ("1", "2", "3", "4", "5", "dont_know", "refused")
START_SHARE = np.array([0.16, 0.22, 0.22, 0.24, 0.11, 0.04, 0.01])
END_SHARE = np.array([0.10, 0.15, 0.21, 0.32, 0.17, 0.04, 0.01])
"""At the end, 51 in a hundred of those who give a grade are satisfied: the yardstick of all victims in the country."""
SATISFIED = QUESTIONS.index("satisfied_with_police")
KEPT_INFORMED = QUESTIONS.index("kept_informed")
WELL_SHARE = np.array([0.04, 0.07, 0.12, 0.42, 0.35, 0.0, 0.0])
BADLY_SHARE = np.array([0.38, 0.28, 0.15, 0.12, 0.07, 0.0, 0.0])
"""Of those who were kept informed 77 in a hundred are satisfied, of those who were not, 19."""
SURVEY_DIRT = (
    Dirt("answer_ref.unique", same_as_before=("answer_ref",)),
    Dirt("answer_ref.pattern", {"answer_ref": "SV"}),
    Dirt("respondent_ref.required", {"respondent_ref": None}),
    Dirt("wave.known", {"wave": "middle"}),
    Dirt("question_code.known", {"question_code": "cope_recover_9"}),
    Dirt("answer.known", {"answer": "6"}),
    Dirt("answered_on.type", {"answered_on": "01/10/2026"}),
    Dirt("row.cells"),
)


def survey_rows(world: World, cases: Cases) -> FeedRows:
    """Answers up to the plan's end; who answers at the end answered at the start."""
    chance = world.plan.chance("victim_surveys")
    incidents = world.incidents
    may = (incidents.victim >= 0) & (cases.decided_at < end_of(world))
    asked = np.flatnonzero(may & (chance.random(incidents.count) < ASKED_SHARE))
    if not len(asked):
        asked = np.flatnonzero(may)[:1]
    started = cases.decided_at[asked] // SECONDS_A_DAY + chance.integers(0, 5, len(asked))
    ended = started + chance.integers(45, 100, len(asked))
    again = np.flatnonzero(chance.random(len(asked)) < ANSWERS_AGAIN)
    respondent = np.concatenate([asked, asked[again]])
    wave = np.concatenate([np.zeros(len(asked), np.int64), np.ones(len(again), np.int64)])
    day = np.concatenate([started, ended[again]])
    order = np.argsort(day, kind="stable")
    order = order[day[order] * SECONDS_A_DAY < end_of(world)]
    incident, wave, day = (np.repeat(values[order], len(QUESTIONS)) for values in (respondent, wave, day))
    question = np.tile(np.arange(len(QUESTIONS)), len(order))
    count = len(incident)
    cells = {
        "answer_ref": numbered("SV-", numbers_up_to(count)),
        "respondent_ref": numbered("R-", incidents.victim[incident] + 1, 7),
        "report_ref": pick_from(cases.references, np.where(incident % 8 > 0, incident, NOBODY)),
        "wave": pick(["start", "end"], wave),
        "question_code": pick(QUESTIONS, question),
        "answer": pick(ANSWERS, _answers(chance, wave, len(order))),
        "answered_on": days_text(day),
        "changed_at": constant(None, count),
    }
    names = [f"victim_surveys_{month:%Y-%m}.csv" for month in world.plan.months]
    truth = Truth.of(incident, incidents.force[incident])
    rows = clean_rows("victim_surveys", cells, names, month_of(world.plan, day * SECONDS_A_DAY), truth)
    return soil(rows, SURVEY_DIRT, chance)


def _answers(chance: np.random.Generator, wave: Numbers, count_people: int) -> Numbers:
    """Grades, as indexes into the answers; whether somebody is satisfied depends on whether they were kept informed."""
    start, end = (chance.choice(len(ANSWERS), size=len(wave), p=share) for share in (START_SHARE, END_SHARE))
    answers = np.where(wave == 1, end, start).reshape(count_people, len(QUESTIONS))
    informed = answers[:, KEPT_INFORMED]
    well, badly = (chance.choice(len(ANSWERS), size=count_people, p=share) for share in (WELL_SHARE, BADLY_SHARE))
    otherwise = np.where(np.isin(informed, (0, 1)), badly, answers[:, SATISFIED])
    answers[:, SATISFIED] = np.where(np.isin(informed, (3, 4)), well, otherwise)
    flat: Numbers = answers.reshape(-1)
    return flat

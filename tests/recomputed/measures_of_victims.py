"""Measures of what victims were owed, and of what they say."""

from collections import defaultdict
from datetime import date, datetime

from recomputed.clocks import Clock
from recomputed.inputs import Inputs, Row
from recomputed.records import latest
from recomputed.tally import Figure, Part, add_up, cut
from recomputed.values import month_of_day

QUESTIONS = {
    "confident": "confidence_in_police",
    "kept_informed": "kept_informed",
    "satisfied": "satisfied_with_police",
    "feels_safe": "feels_safe",
}
NEEDS = tuple(f"cope_recover_{number}" for number in range(1, 9))


def of_victims(inputs: Inputs, clocks: list[Clock]) -> list[Figure]:
    """Clocks by the month in which they were due, answers by the month in which they were given."""
    answers = latest(inputs, "victim_surveys")
    return [
        *of_clocks(clocks, inputs.as_of),
        *(figure for measure in QUESTIONS for wave in ("start", "end") for figure in _positive(measure, wave, answers)),
        *add_up("survey_not_answered", (Part(_month(row), (), _score(row) is None, 1) for row in answers)),
        *_changes("confidence_change", ("confidence_in_police",), answers),
        *_changes("cope_recover_distance", NEEDS, answers),
    ]


def of_clocks(clocks: list[Clock], as_of: datetime) -> list[Figure]:
    """A clock is decided once it is done or its due time has passed; until then it runs, and is not missed."""
    met, running = [], []
    for clock in clocks:
        cuts = (cut("clock", clock.code), cut("force", clock.force))
        is_running = clock.done_at is None and clock.due_at >= as_of
        met.append(Part(clock.month, cuts, clock.is_met, not is_running))
        running.append(Part(clock.month, cuts, is_running, 1))
    return [*add_up("victims_code_met", met), *add_up("victims_code_running", running)]


def _positive(measure: str, wave: str, answers: list[Row]) -> list[Figure]:
    """The two best answers of five; who does not know or refuses is in no base."""
    asked = [row for row in answers if (row["question_code"], row["wave"]) == (QUESTIONS[measure], wave)]
    scored = ((row, _score(row)) for row in asked)
    return add_up(
        f"{measure}_{wave}",
        (Part(_month(row), (), score is not None and score >= 4, score is not None) for row, score in scored),
    )


def _changes(measure: str, questions: tuple[str, ...], answers: list[Row]) -> list[Figure]:
    """From the first answer of the start to the last of the end, of the same person to the same question."""
    given: dict[tuple[str, str], dict[str, list[tuple[date, str, int]]]] = defaultdict(lambda: defaultdict(list))
    for row in answers:
        score = _score(row)
        if row["question_code"] in questions and score is not None:
            answer = (date.fromisoformat(row["answered_on"]), row["answer_ref"], score)
            given[row["respondent_ref"], row["question_code"]][row["wave"]].append(answer)
    parts = []
    for waves in given.values():
        if waves["start"] and waves["end"]:
            first, last = min(waves["start"]), max(waves["end"])
            if last[0] >= first[0]:
                parts.append(Part(month_of_day(last[0]), (), last[2] - first[2], 1))
    return add_up(measure, parts)


def _score(row: Row) -> int | None:
    return int(row["answer"]) if row["answer"] in ("1", "2", "3", "4", "5") else None


def _month(row: Row) -> date:
    return month_of_day(date.fromisoformat(row["answered_on"]))

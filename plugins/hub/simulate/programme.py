"""What is not about cases: training sessions and the programme's money, each a CSV file a month."""

from datetime import date

import numpy as np

from hub.simulate.calendar import EPOCH_ORDINAL
from hub.simulate.cells import SECONDS_A_DAY, constant, days_text, drawn, london_times, numbered, numbers_up_to, pick
from hub.simulate.dirt import Dirt, soil
from hub.simulate.places import Places
from hub.simulate.plan import Plan
from hub.simulate.rows import NOBODY, FeedRows, Truth, clean_rows

SESSIONS_A_MONTH = 9
TOPICS = ("online_reporting", "evidence_capture", "platform_routes", "victim_care", "counter_narrative")
POLICE_TOPICS, COMMUNITY_TOPICS = (0.25, 0.35, 0.25, 0.15, 0.0), (0.40, 0.05, 0.10, 0.20, 0.25)
GROUPS = (
    "Sample Youth Forum", "Model Street Neighbours", 'Example Café, "The Den"', "Pattern Faith Network",
    "Sample Disabled People's Circle", "Rainbow Sample Group", "Example Students' Union", "Model Tenants Association",
)  # fmt: skip
TRAINING_DIRT = (
    Dirt("session_ref.pattern", {"session_ref": "the second one"}),
    Dirt("session_ref.unique", same_as_before=("session_ref",)),
    Dirt("held_on.type", {"held_on": "mid-month"}),
    Dirt("audience.known", {"audience": "press"}),
    Dirt("force_code.trained", {"force_code": "ABROAD"}),
    Dirt("topic_code.known", {"topic_code": "first_aid"}),
    Dirt("hours.range", {"hours": "25"}),
    Dirt("count_attended.of_invited", {"count_invited": "10", "count_attended": "11", "count_completed": "9"}),
    Dirt("count_completed.of_attended", {"count_invited": "30", "count_attended": "10", "count_completed": "11"}),
    Dirt("row.cells"),
)
FIRST_YEAR_ENDS = date(2017, 4, 1)
FUND = "police_innovation_fund"
YEARS_BUDGET = ((958_363, 244_378), (772_363, 208_378))
"""What 2016/17 and every later year cost, and how much of that the Fund bears, in pounds (decision PCD 41)."""
FIXED_LINES = (
    ("community_hub", "match_mopac", 50_000), ("evaluation", "match_mopac", 80_000),
    ("training", "match_mopac", 48_000),
    ("equipment", "match_mps", 40_000), ("travel", "match_mps", 12_000), ("other", "match_other", 24_000),
)  # fmt: skip
"""Pounds a year; evaluation and the community hub as published, the others made up. The rest is staff."""
CLAIMED_AFTER = 2
"""Claims are made in arrears: a line of the Fund is once more in the file of the second month after, claimed."""
SPEND_DIRT = (
    Dirt("line_ref.pattern", {"line_ref": "SP1"}),
    Dirt("line_ref.unique", same_as_before=("line_ref",)),
    Dirt("period_month.type", {"period_month": "October"}),
    Dirt("budget_line.known", {"budget_line": "catering"}),
    Dirt("funding_source.known", {"funding_source": "lottery"}),
    Dirt("budget_amount.pattern", {"budget_amount": "£ 4,000"}),
    Dirt("spent_amount.not_negative", {"spent_amount": "-1,200.00"}),
    Dirt("claimed_amount.when", {"claimed_amount": "1,200.00", "claimed_on": None}),
    Dirt("claimed_on.in_arrears", {"claimed_amount": "1,200.00", "claimed_on": "2016-03-01"}),
    Dirt("claimed_on.of_something", {"claimed_amount": None, "claimed_on": "2016-01-01"}),
    Dirt("row.cells"),
)


def training_rows(plan: Plan, places: Places) -> FeedRows:
    """Sessions held up to the plan's end."""
    chance = plan.chance("training_sessions")
    last = plan.end.toordinal() - EPOCH_ORDINAL
    first = np.array([month.toordinal() - EPOCH_ORDINAL for month in plan.months])
    length = np.minimum(np.append(first[1:], first[-1] + 28), last + 1) - first
    file = np.repeat(np.arange(len(first)), SESSIONS_A_MONTH)
    count = len(file)
    to_police = chance.random(count) < 0.6
    here = np.array([place for place in range(len(places.forces)) if place != places.abroad])
    force = np.where(to_police, here[chance.integers(0, len(here), count)], NOBODY)
    topic = np.where(to_police, drawn(POLICE_TOPICS, chance, count), drawn(COMMUNITY_TOPICS, chance, count))
    group = np.where(to_police, len(GROUPS), chance.integers(0, len(GROUPS), count))
    invited = chance.integers(8, 41, count)
    attended = np.round(invited * chance.uniform(0.55, 1.0, count)).astype(np.int64)
    completed = np.round(attended * chance.uniform(0.8, 1.0, count)).astype(np.int64)
    counts = [str(number) for number in range(41)]
    cells = {
        "session_ref": numbered("TR-", numbers_up_to(count), 6),
        "held_on": days_text(first[file] + (chance.random(count) * length[file]).astype(np.int64)),
        "audience": pick(["community", "police"], to_police * 1),
        "force_code": pick(places.forces, force),
        "organisation_name": pick([*GROUPS, "Sample Constabulary"], group),
        "topic_code": pick(TOPICS, topic),
        "hours": pick(["1", "1.5", "2", "3", "3.5", "6"], chance.integers(0, 6, count)),
        "count_invited": pick(counts, invited),
        "count_attended": pick(counts, attended),
        "count_completed": pick(counts, completed),
        "changed_at": constant(None, count),
    }
    names = [f"training_sessions_{month:%Y-%m}.csv" for month in plan.months]
    return soil(clean_rows("training_sessions", cells, names, file, Truth.none(count)), TRAINING_DIRT, chance)


def spend_rows(plan: Plan) -> FeedRows:
    """Budget, spend and claims of every month that the plan touches; months end, so the last one is estimated."""
    chance = plan.chance("programme_spend")
    lines = [(place, *line) for place, month in enumerate(plan.months) for line in _budget(month)]
    month = np.array([line[0] for line in lines])
    budget = np.array([line[3] for line in lines])
    spent = np.round(budget * chance.uniform(0.86, 1.02, len(lines)), 2)
    of_fund = np.array([line[2] == FUND for line in lines])
    claimed = np.flatnonzero(of_fund & (month + CLAIMED_AFTER < len(plan.months)))
    row = np.concatenate([np.arange(len(lines)), claimed])
    is_claim = np.arange(len(row)) >= len(lines)
    file = month[row] + is_claim * CLAIMED_AFTER
    claimed_day = np.array([plan.months[place].toordinal() - EPOCH_ORDINAL + 9 for place in file])
    amounts = [f"{amount:,.2f}" for amount in spent]
    nothing = np.where(is_claim, row, NOBODY)
    cells = {
        "line_ref": numbered("SP-", row + 1, 6),
        "period_month": pick([f"{one:%Y-%m}" for one in plan.months], month[row]),
        "budget_line": pick([line[1] for line in lines], row),
        "funding_source": pick([line[2] for line in lines], row),
        "budget_amount": pick([f"{amount:,.2f}" for amount in budget], row),
        "spent_amount": pick(amounts, row),
        "claimed_amount": pick(amounts, nothing),
        "claimed_on": pick(days_text(claimed_day).to_pylist(), np.where(is_claim, np.arange(len(row)), NOBODY)),
        "changed_at": pick(
            london_times(claimed_day * SECONDS_A_DAY + 36_000).to_pylist(),
            np.where(is_claim, np.arange(len(row)), NOBODY),
        ),
    }
    names = [f"programme_spend_{one:%Y-%m}.csv" for one in plan.months]
    return soil(clean_rows("programme_spend", cells, names, file, Truth.none(len(row))), SPEND_DIRT, chance)


def _budget(month: date) -> list[tuple[str, str, float]]:
    """Line, source and pounds of a month: a twelfth of its year."""
    total, fund = YEARS_BUDGET[0 if month < FIRST_YEAR_ENDS else 1]
    staff = total - fund - sum(pounds for *_, pounds in FIXED_LINES)
    lines = [("staff", FUND, fund), ("staff", "match_mps", staff), *FIXED_LINES]
    return [(line, source, round(pounds / 12, 2)) for line, source, pounds in lines]

"""Content that volunteers found: CSV, a file a day. They name nobody and no place but a borough or a force."""

import numpy as np

from hub.simulate.cells import constant, drawn, london_times, numbered, numbers_up_to, only_where, pick
from hub.simulate.dirt import Dirt, soil
from hub.simulate.handwriting import known
from hub.simulate.incidents import PLATFORMS
from hub.simulate.report_columns import (
    again_and_corrected,
    content_columns,
    in_words,
    place_columns,
    strand_column,
    time_columns,
)
from hub.simulate.rows import NOBODY, FeedRows, Truth, clean_rows
from hub.simulate.world import World

VOLUNTEERS = 60
ACTIONS, ACTION_SHARE = ("reported", "counter_narrative", "support_signposted"), (0.72, 0.20, 0.08)
VIEWS, VIEW_SHARE = ("yes", "no", "unknown"), (0.34, 0.36, 0.30)
"""Of 600 reports on one tournament, 207 were criminal."""
LONGEST_WAIT = 2 * 3600
VOLUNTEER_DIRT = (
    Dirt("report_ref.unique", same_as_before=("report_ref",)),
    Dirt("report_ref.pattern", {"report_ref": "VOL-12"}),
    Dirt("reported_at.type", {"reported_at": "31.10.2026 09:15"}),
    Dirt("occurred_on.future", {"occurred_on": "2038-01-01"}),
    Dirt("volunteer_code.pattern", {"volunteer_code": "the new one"}),
    Dirt("strands.known", {"strands": "race|class"}),
    Dirt("platform.known", {"platform": "twitter"}),
    Dirt("platform.required", {"platform": None}),
    Dirt("content_url.pattern", {"content_url": "see picture"}),
    Dirt("description.required", {"description": None}),
    Dirt("force_named.known", {"force_named": "the local force"}),
    Dirt("is_threat_to_life.known", {"is_threat_to_life": "perhaps"}),
    Dirt("is_criminal_in_view.required", {"is_criminal_in_view": None}),
    Dirt("action.known", {"action": "ignored", "reported_to_platform_at": None}),
    Dirt("reported_to_platform_at.only_reported", {"action": "counter_narrative",
         "reported_to_platform_at": "2026-01-05T10:00:00+00:00"}),
    Dirt("row.cells"),
)  # fmt: skip


def volunteer_rows(world: World) -> FeedRows:
    """Reports of volunteers; ``world`` has theirs alone."""
    chance = world.plan.chance("volunteer_reports")
    reports = world.reports
    count = reports.count
    found, place = content_columns(world, chance), place_columns(world, constant(None, count))
    action = drawn(ACTION_SHARE, chance, count)
    told_platform = only_where(
        action == 0, london_times(reports.reported_at - chance.integers(60, LONGEST_WAIT, count))
    )
    cells = {
        "report_ref": numbered("VOL-", numbers_up_to(count)),
        **time_columns(world, chance),
        "volunteer_code": numbered("V", chance.integers(1, VOLUNTEERS + 1, count), 4),
        "strands": strand_column(world, chance, "|".join),
        "platform": pick(PLATFORMS, world.incidents.platform[reports.incident]),
        "content_url": found["content_url"],
        "description": found["description"],
        "borough_named": place["borough_named"],
        "force_named": place["force_named"],
        "is_threat_to_life": in_words(world.incidents.is_threat[reports.incident], ("yes", "no")),
        "is_criminal_in_view": pick(VIEWS, drawn(VIEW_SHARE, chance, count)),
        "action": pick(ACTIONS, action),
        "reported_to_platform_at": known(chance, 0.9, told_platform),
    }
    names = [f"volunteer_reports_{day}.csv" for day in world.plan.dates]
    nobody = np.full(count, NOBODY)
    truth = Truth(reports.incident, nobody, world.incidents.force[reports.incident], reports.known_at)
    rows = clean_rows("volunteer_reports", cells, names, reports.delivered_on, truth)
    return again_and_corrected(world.plan, soil(rows, VOLUNTEER_DIRT, chance), chance)

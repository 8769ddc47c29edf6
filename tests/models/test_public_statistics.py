"""Public statistics: what is shown, what is kept back, what stays until the next issue, and what is refused."""

import uuid

import pandas as pd
import pytest
import sqlalchemy as sa

from disclosure.cubes import with_margins
from hub.disclosure.disclose import disclose
from hub.disclosure.tables import Dimension
from hub.publish import PublishRefused, publish
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.issues import let_a_month_pass
from models.rows import fetch

AREAS = {"E23000001": "E12000007", "E23000034": "E12000007", "E23000032": "E12000008", "E23000033": "E12000008"}
QUARTERS = ("2026/27 Q1", "2026/27 Q2")
COUNTS = {
    # area: all, race, religion in the first quarter and in the second
    "E23000001": (40, 30, 12, 60, 44, 20),
    "E23000034": (3, 2, 1, 7, 6, 1),
    "E23000032": (20, 14, 6, 0, 0, 0),
    "E23000033": (16, 9, 8, 25, 16, 10),
}


@pytest.fixture
def engine(warehouse: Settings) -> sa.Engine:
    return open_warehouse(warehouse, Role.OWNER)


def put_counts(engine: sa.Engine, more: dict[tuple[str, str, str], int] | None = None) -> None:
    """Counts of the next month in place of those of the samples; Kent did not report in the second quarter. ``more``:
    reports more."""
    let_a_month_pass(engine)
    count_again(engine, more)


def count_again(engine: sa.Engine, more: dict[tuple[str, str, str], int] | None = None) -> None:
    """The same in the same month."""
    leaves = pd.DataFrame(
        [
            (area, part, quarter, counts[3 * half + place] + (more or {}).get((area, part, quarter), 0))
            for area, counts in COUNTS.items()
            for half, quarter in enumerate(QUARTERS)
            for place, part in enumerate(("all", "race", "religion"))
            if (area, quarter) != ("E23000032", QUARTERS[1])
        ],
        columns=["area_code", "part_code", "period_code", "count"],
    )
    regions = {region: ["all"] for region in AREAS.values()}
    cells = with_margins(
        leaves,
        [
            Dimension("area_code", {area: [region] for area, region in AREAS.items()} | regions),
            Dimension("part_code", {}),
            Dimension("period_code", {quarter: ["2026/27"] for quarter in QUARTERS}),
        ],
    )
    with engine.begin() as connection:
        connection.execute(sa.text("delete from marts.agg_public_counts"))
        connection.execute(sa.text("delete from marts.agg_protected_counts"))
        for area, part, period, count in [
            *cells[["area_code", "part_code", "period_code", "count"]].itertuples(index=False),
            *((("E23000032", part, QUARTERS[1], None)) for part in ("all", "race", "religion")),
        ]:
            parent = AREAS.get(area, None if area == "all" else "all")
            row = {
                "measure_code": "criminal_incidents",
                "area_kind": "force" if area in AREAS else "region" if parent else "all",
                "area_code": area,
                "parent_area_code": parent,
                "part_code": part,
                "period_kind": "quarter" if period in QUARTERS else "year",
                "period_start": "2026-04-01",
                "period_code": period,
                "parent_period_code": "2026/27" if period in QUARTERS else None,
                "period_end": "2026-06-30",
                "is_collected": count is not None,
                "count_incidents": count,
                "count_forces_reported": 1,
                "count_forces": 1,
            }
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(sa.text(f"insert into marts.agg_public_counts ({names}) values ({values})"), row)
    disclose(engine)


def publish_again(warehouse: Settings, engine: sa.Engine) -> int:
    with engine.begin() as connection:
        connection.execute(sa.text("update ledger.builds set code_sha256 = :code"), {"code": uuid.uuid4().hex})
    return publish(warehouse, open_warehouse(warehouse, Role.PUBLISHER), accept_shrinking=True).publish_id


def figure(engine: sa.Engine, area: str, part: str, period: str) -> tuple[str, int | None]:
    (found,) = fetch(
        engine,
        f"""select mark, value from publish.public_statistics_v1
            where area_code = '{area}' and strand_code = '{part}' and period_code = '{period}'""",
    )
    return (found[0], found[1])


def spoil(engine: sa.Engine, statement: str) -> None:
    with engine.begin() as connection:
        assert connection.execute(sa.text(statement)).rowcount


def test_a_zero_a_small_count_and_what_was_not_collected_are_told_apart(warehouse: Settings, engine: sa.Engine) -> None:
    put_counts(engine)
    publish_again(warehouse, engine)
    assert figure(engine, "E23000001", "all", QUARTERS[1]) == ("shown", 60)
    assert figure(engine, "E23000034", "race", QUARTERS[0]) == ("suppressed", None)
    assert figure(engine, "E23000032", "race", QUARTERS[1]) == ("not_collected", None)
    assert set(fetch(engine, "select distinct caution from publish.public_statistics_v1")) == {
        "Police figures do not show reliable trends."
    }
    (checks,) = fetch(engine, "select checks from ledger.publishes order by publish_id desc limit 1")
    attack = [one["detail"] for one in checks if one["name"] == "public_statistics_v1.attack"]
    assert attack == ["each that is kept back can be any of 5 counts"]


WRONG = (
    (
        """update disclosure.cells set mark = 'shown', public_value = 5
           where stated_count between 1 and 4 and area_code = 'E23000034' and period_code = '2026/27 Q1'""",
        r"\.small: \d+ counts below 5 are shown",
    ),
    (
        """update disclosure.cells set public_value = public_value + 5
           where area_code = 'E23000001' and mark = 'shown'""",
        r"\.consistent: \d+ figures are not the rounded counts",
    ),
    (
        """update disclosure.cells set mark = 'shown', public_value = 5
           where stated_count = 6 and part_code = 'race' and area_code = 'E23000034'
               and period_code = '2026/27 Q2'""",
        r"\.groups: 1 cells tell the strand or outcome of nearly all cases of an area",
    ),
    (
        "update disclosure.cells set count_incidents = count_incidents + 1 where mark <> 'not_collected'",
        r"\.attack: the cells of the table do not add up",
    ),
    (
        "delete from disclosure.cells where area_code = 'E23000001'",
        r"\.attack: the cells of the table do not add up",
    ),
)


def test_what_would_tell_too_much_is_refused(warehouse: Settings, engine: sa.Engine) -> None:
    """One hub, made wrong in one way after the other."""
    put_counts(engine)
    spoil(engine, "create table disclosure.aside as table disclosure.cells")
    for statement, reason in WRONG:
        spoil(engine, statement)
        with pytest.raises(PublishRefused, match=reason):
            publish_again(warehouse, engine)
        spoil(engine, "delete from disclosure.cells")
        spoil(engine, "insert into disclosure.cells table disclosure.aside")


def test_a_figure_that_covers_for_a_small_one_may_not_be_shown(warehouse: Settings, engine: sa.Engine) -> None:
    """Of a table whose figures are not rounded the total gives away what is left out of it."""
    spoil(
        engine, "update reference.disclosure_parameters set parameter_value = 1 where parameter_code = 'rounding_base'"
    )
    put_counts(engine)
    spoil(
        engine,
        """update disclosure.cells set mark = 'shown', public_value = stated_count
           where mark = 'suppressed' and stated_count not between 1 and 4""",
    )
    with pytest.raises(PublishRefused, match=r"\.attack: \d+ figures that are kept back can be worked out"):
        publish_again(warehouse, engine)


def test_between_two_issues_the_public_figures_stay_as_they_came_out(warehouse: Settings, engine: sa.Engine) -> None:
    """A cell that turned from zero to kept back with a publish told on which day a single report came."""
    every = """select area_code, strand_code, period_code, mark, value, symbols
               from publish.public_statistics_v1 order by 1, 2, 3"""
    revisions = (
        "select area_code, part_code, period_code, mark, value, stated_in_publish from publish.public_revisions_v1"
    )
    put_counts(engine)
    first = publish_again(warehouse, engine)
    before = fetch(engine, every), sorted(fetch(engine, revisions), key=str)
    more = {("E23000032", part, QUARTERS[0]): 1 for part in ("all", "religion")}
    more |= {("E23000001", part, QUARTERS[0]): 30 for part in ("all", "race")}
    count_again(engine, more)
    assert publish_again(warehouse, engine) > first
    assert (fetch(engine, every), sorted(fetch(engine, revisions), key=str)) == before
    spoil(
        engine, "update disclosure.cells set public_value = public_value + 5 where area_code = 'all' and mark = 'shown'"
    )
    with pytest.raises(PublishRefused, match=r"\.issued: \d+ of \d+ figures are not those that came out"):
        publish_again(warehouse, engine)
    let_a_month_pass(engine)
    count_again(engine, more)
    publish_again(warehouse, engine)
    assert figure(engine, "E23000001", "all", QUARTERS[0]) == ("shown", 70)
    assert len(set(fetch(engine, "select stated_at from publish.public_revisions_v1"))) > 1
    assert set(
        fetch(
            engine,
            "select extract(day from stated_at at time zone 'Europe/London')::int from publish.public_revisions_v1",
        )
    ) == {1}


def test_the_last_day_of_a_month_and_the_first_of_the_next_have_one_issue(
    warehouse: Settings, engine: sa.Engine
) -> None:
    put_counts(engine)
    publish_again(warehouse, engine)
    before = figure(engine, "E23000001", "all", QUARTERS[0])
    let_a_month_pass(engine)
    spoil(engine, "update disclosure.issues set came_out_at = now() - interval '1 day'")
    count_again(engine, {("E23000001", part, QUARTERS[0]): 30 for part in ("all", "race")})
    publish_again(warehouse, engine)
    assert figure(engine, "E23000001", "all", QUARTERS[0]) == before


def test_quarterly_issues_are_a_parameter(warehouse: Settings, engine: sa.Engine) -> None:
    months = "update reference.disclosure_parameters set parameter_value = 12 where parameter_code = 'months_per_issue'"
    spoil(engine, months)
    put_counts(engine)
    publish_again(warehouse, engine)
    assert fetch(engine, "select max(issue_month) = date_trunc('year', now()) from disclosure.issues") == [True]


def test_who_knows_of_one_more_report_sees_no_figure_move(warehouse: Settings, engine: sa.Engine) -> None:
    every = "select area_code, strand_code, period_code, mark, value from publish.public_statistics_v1 order by 1, 2, 3"
    put_counts(engine)
    publish_again(warehouse, engine)
    before = fetch(engine, every)
    for number in (1, 4):
        put_counts(engine, {("E23000034", part, QUARTERS[0]): number for part in ("all", "race")})
        publish_again(warehouse, engine)
        assert fetch(engine, every) == before
    assert fetch(engine, "select count(*) from publish.public_revisions_v1 where statement_number > 1") == [0]


def test_a_revision_is_kept_with_what_it_replaced(warehouse: Settings, engine: sa.Engine) -> None:
    put_counts(engine)
    first = publish_again(warehouse, engine)
    put_counts(engine, {("E23000001", part, QUARTERS[1]): 9 for part in ("all", "race")})
    second = publish_again(warehouse, engine)
    assert figure(engine, "E23000001", "all", QUARTERS[1]) == ("shown", 70)
    triangle = fetch(
        engine,
        f"""select stated_in_publish, value, change_of_value, is_latest from publish.public_revisions_v1
            where area_code = 'E23000001' and part_code = 'all' and period_code = '{QUARTERS[1]}' order by 1""",
    )
    assert triangle == [(first, 60, None, False), (second, 70, 10, True)]
    put_counts(engine, {("E23000001", part, QUARTERS[1]): 9 for part in ("all", "race")})
    assert fetch(
        engine,
        f"""select is_revised, symbols from candidate.public_statistics_v1
            where area_code = 'E23000001' and strand_code = 'all' and period_code = '{QUARTERS[1]}'""",
    ) == [(True, "[p][r]")]


def test_an_address_that_may_be_shared_shows_no_exact_count_of_incidents(
    warehouse: Settings, engine: sa.Engine
) -> None:
    """Exact counts of months and cuts, added up, tell what is kept back in the public statistics."""
    put_counts(engine)
    publish_again(warehouse, engine)
    with (
        open_warehouse(warehouse, Role.BI).connect() as shared,
        open_warehouse(warehouse, Role.ANALYST).connect() as inside,
    ):
        for view in ("measures_v1", "force_scorecard_v1", "provider_scorecard_v1", "hub_capacity_v1", "incidents_v1"):
            read = sa.text(f"select count(*) from publish.{view}")
            assert inside.scalar(read) is not None
            with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                shared.scalar(read)
            shared.rollback()
        assert shared.scalar(sa.text("select count(*) from publish.public_statistics_v1"))

"""What who has the shared address of ``hub_bi``, and nothing else, learns of measures and scorecards."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from conftest import Databases, share_keys
from hub.disclosure.disclose import disclose
from hub.publish import PublishRefused
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.conftest import BUILT, Built
from models.issues import let_a_month_pass
from models.rows import fetch
from models.test_public_statistics import publish_again, spoil

PROTECTED = ("measures_protected_v1", "force_scorecard_protected_v1", "provider_scorecard_protected_v1")
PAIRS = [
    ("received", "due"),
    ("due", "acknowledged"),
    ("acknowledged", "acknowledged_in_time"),
    ("received", "outcomes"),
]


@pytest.fixture
def engine(warehouse: Settings) -> sa.Engine:
    return open_warehouse(warehouse, Role.OWNER)


@pytest.fixture(scope="module")
def larger(built: Built, module_databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A hub with three times as much of everything as the samples have: small counts and others. The tests of this file
    share it, and change nothing that another reads."""
    settings = module_databases.make(BUILT, tmp_path_factory.mktemp("larger"))
    share_keys(built.settings, settings)
    engine = open_warehouse(settings, Role.OWNER)
    let_a_month_pass(engine)
    spoil(engine, "update marts.agg_public_counts set count_incidents = count_incidents * 3")
    spoil(engine, "update marts.agg_protected_counts set count_rows = count_rows * 3")
    disclose(engine)
    publish_again(settings, engine)
    return settings


@pytest.fixture
def owner(larger: Settings) -> sa.Engine:
    return open_warehouse(larger, Role.OWNER)


@pytest.fixture
def reader(larger: Settings) -> sa.Engine:
    return open_warehouse(larger, "hub_bi")


def span(value: int | None, *, at_least: int) -> tuple[float, float]:
    """The counts that a figure stands for."""
    if value is None:
        return at_least, float("inf")
    return (0, 0) if value == 0 else (max(value - 2, 5), value + 2)


def possible(whole: int | None, part: int | None) -> float:
    """How many different counts can be left of a whole besides a part."""
    (low, high), (part_low, part_high) = span(whole, at_least=1), span(part, at_least=1)
    return high - part_low - max(low - part_high, 0) + 1


def test_a_bi_tool_reads_no_small_count_and_learns_none_by_subtraction(reader: sa.Engine, owner: sa.Engine) -> None:
    measures = fetch(
        reader,
        "select numerator, denominator from publish.measures_protected_v1 where is_protected and unit <> 'hours'",
    )
    columns = ", ".join(
        f"count_{part}" for part in ("received", "due", "acknowledged", "acknowledged_in_time", "outcomes")
    )
    forces, providers = (
        fetch(reader, f"select {columns} from publish.{kind}_scorecard_protected_v1") for kind in ("force", "provider")
    )
    assert measures
    assert forces
    shown = [value for row in (*measures, *forces, *providers) for value in row if value is not None]
    assert any(shown), "of all that is kept back little is learned"
    assert all(value % 5 == 0 for value in shown)
    for whole, part in PAIRS:
        true = dict(
            fetch(
                owner,
                f"""select whole.area_code || whole.period_code, whole.count_rows - part.count_rows
                    from marts.agg_protected_counts whole join marts.agg_protected_counts part
                    using (measure_code, area_code, period_code)
                    where measure_code = 'force_scorecard' and whole.part_code = '{whole}'
                        and part.part_code = '{part}'""",
            )
        )
        for key, of_whole, of_part in fetch(
            reader,
            f"""select force_code || period_code, count_{whole}, count_{part}
                from publish.force_scorecard_protected_v1""",
        ):
            assert true[key] == 0 or possible(of_whole, of_part) >= 5


def test_a_bi_tool_reads_nothing_exact(reader: sa.Engine) -> None:
    with reader.connect() as connection:
        readable = set(
            connection.scalars(
                sa.text("""select table_name from information_schema.tables where table_schema = 'publish'
                           and has_table_privilege('publish.' || table_name, 'select')""")
            )
        )
    assert readable.issuperset(PROTECTED)
    exact = {"measures_v1", "force_scorecard_v1", "provider_scorecard_v1", "hub_capacity_v1", "freshness_v1"}
    assert readable.isdisjoint(exact)


def test_a_bi_tool_learns_of_deliveries_in_which_week_they_came_and_not_how_much(reader: sa.Engine) -> None:
    with reader.connect() as connection:
        rows = connection.execute(sa.text("select * from publish.freshness_protected_v1")).mappings().all()
    weeks = [row["last_received_week"] for row in rows if row["last_received_week"]]
    assert weeks
    assert {day.weekday() for day in weeks} == {0}
    counts = {name for name in rows[0] if name.startswith("count_")}
    assert counts == {"count_days_between_deliveries", "count_hours_of_grace"}, "what the contract says, no more"


def test_shares_and_hours_are_of_the_figures(reader: sa.Engine) -> None:
    rows = fetch(
        reader,
        """select numerator, denominator, measure_value, is_suppressed, value_form
           from publish.measures_protected_v1 where is_protected""",
    )
    assert any(is_suppressed for *_, is_suppressed, _ in rows)
    for numerator, denominator, value, is_suppressed, form in rows:
        if is_suppressed:
            assert value is None
        elif form == "share":
            assert value == (round(numerator / denominator, 6) if denominator else None)
        elif form == "difference":
            assert value == numerator - denominator


def test_own_work_is_exact(reader: sa.Engine, owner: sa.Engine) -> None:
    own = "select sum(numerator) from {} where measure_code = 'hub_hours'"
    shown = fetch(reader, own.format("publish.measures_protected_v1"))
    counted = (
        own.format("marts.fct_measures")
        + """ and dimension = 'all' and exists (
        select from marts.agg_protected_figures where month between period_start and period_end)"""
    )
    assert shown == fetch(owner, counted)
    assert shown != [None]


def test_between_two_issues_protected_figures_stay(larger: Settings, databases: Databases, tmp_path: Path) -> None:
    settings = databases.make(str(make_url(str(larger.warehouse_url)).database), tmp_path)
    share_keys(larger, settings)
    engine, reader = open_warehouse(settings, Role.OWNER), open_warehouse(settings, "hub_bi")
    every = """select measure_code, period_code, numerator from publish.measures_protected_v1
               where is_protected order by 1, 2"""
    before = fetch(reader, every)
    spoil(engine, "update marts.agg_protected_counts set count_rows = count_rows * 4")
    disclose(engine)
    publish_again(settings, engine)
    assert fetch(reader, every) == before


def test_a_protected_figure_that_tells_of_a_small_count_is_refused(warehouse: Settings, engine: sa.Engine) -> None:
    let_a_month_pass(engine)
    disclose(engine)
    spoil(
        engine,
        """update disclosure.cells set mark = 'shown', public_value = 5
           where measure_code = 'force_scorecard' and stated_count between 1 and 4""",
    )
    with pytest.raises(PublishRefused, match=r"\.small: \d+ counts below 5 are shown"):
        publish_again(warehouse, engine)

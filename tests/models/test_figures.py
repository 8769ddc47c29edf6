"""Published figures say what their definitions say: bases, what turns with time, questions and the views they name."""

import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.forecast import tasking_decisions
from hub.settings import Settings
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role
from models.conftest import Built
from models.rows import fetch, put_delivery
from models.tables import contents, differing

NOW = datetime.now(UTC)
REPORT: dict[str, object] = {
    "report_ref": "TV-90000501",
    "reported_at": NOW.isoformat(),
    "strands": "race",
    "consent_share_police": "yes",
    "consent_share_anonymised": "yes",
    "consent_refer_support": "no",
    "consent_contact": "yes",
    "description_token": "t1:d",
    "victim_name_token": "t1:figures",
    "victim_date_of_birth_token": "t1:figures",
}
SESSION: dict[str, object] = {
    "session_ref": "TR-900501",
    "audience": "community",
    "topic_code": "reporting",
    "hours": "1",
    "count_invited": "3",
    "count_attended": "2",
    "count_completed": "1",
    "held_on": "2026-10-01",
}
STATE = """
    select clock_state from marts.fct_victim_clocks where clock_code = 'written_acknowledgement' and incident_id in (
        select incident_id from marts.fct_reports where report_ref = 'TV-90000501')
"""
CLOCKS = """
    select sum(numerator)::integer, sum(denominator)::integer from marts.fct_measures
    where measure_code = '{}' and dimension = 'clock' and dimension_code = 'written_acknowledgement'
"""


def pass_time(engine: sa.Engine, catalogue: Catalogue, days: int) -> None:
    """A delivery that tells of nobody is loaded, days from now."""
    delivery = put_delivery(engine, catalogue.contracts["training_sessions"], SESSION)
    later = {"at": NOW + timedelta(days=days), "delivery": delivery}
    with engine.begin() as connection:
        for change in (
            "update ledger.deliveries set loaded_at = :at where delivery_id = :delivery",
            "update raw.training_sessions set _loaded_at = :at where _delivery_id = :delivery",
        ):
            connection.execute(sa.text(change), later)


@pytest.mark.long
def test_a_clock_turns_overdue_without_a_delivery_about_it_and_is_not_missed_before(
    warehouse: Settings, catalogue: Catalogue
) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    ((met_before, decided_before),) = fetch(engine, CLOCKS.format("victims_code_met"))
    put_delivery(engine, catalogue.contracts["true_vision_reports"], REPORT)
    build_warehouse(warehouse)
    assert fetch(engine, STATE) == ["running"]
    assert fetch(engine, CLOCKS.format("victims_code_met")) == [(met_before, decided_before)]
    ((running, started),) = fetch(engine, CLOCKS.format("victims_code_running"))
    assert running >= 1
    assert started == running + decided_before

    pass_time(engine, catalogue, days=9)
    assert not build_warehouse(warehouse).is_full
    assert fetch(engine, STATE) == ["overdue"]
    assert fetch(engine, CLOCKS.format("victims_code_met")) == [(met_before, started)]
    assert fetch(engine, CLOCKS.format("victims_code_running")) == [(0, started)]
    step_by_step = contents(engine, "marts")
    build_warehouse(warehouse, full_refresh=True)
    assert differing(step_by_step, contents(engine, "marts")) == {}


def test_every_base_is_the_figure_that_its_measure_says(built: Built) -> None:
    engine = open_warehouse(built.settings, Role.OWNER)
    rows = fetch(
        engine,
        """select measure_code, base_is, base_definition, numerator_definition, denominator_definition, base_size,
            numerator, denominator from candidate.measures_v1""",
    )
    found = {row[0]: row[1] for row in rows}
    assert {code for code, base_is in found.items() if base_is == "apart"} == {
        "officer_hours_saved",
        "hub_hours",
        "training_hours",
    }
    for code, base_is, base, numerator_is, denominator_is, size, numerator, denominator in rows:
        counted = {"numerator": (numerator_is, numerator), "denominator": (denominator_is, denominator)}
        assert base_is == "apart" or (base, size) == counted[base_is], code


APART = {
    "officer_hours_saved": """
        select month, numerator from marts.fct_measures
        where measure_code = 'criminal_investigated' and dimension = 'all'
    """,
    "hub_hours": """
        select date_trunc('month', started_at at time zone 'Europe/London')::date, count(*)
        from staging.stg_hub_activity group by 1
    """,
    "training_hours": """
        select date_trunc('month', held_on)::date, count(*) from staging.stg_training_sessions group by 1
    """,
}


def test_a_base_that_is_counted_apart_is_what_its_definition_says(built: Built) -> None:
    engine = open_warehouse(built.settings, Role.OWNER)
    for code, query in APART.items():
        shown = f"""
            select month, base_size from marts.fct_measures where measure_code = '{code}' and dimension = 'all'
            and base_size > 0 order by 1
        """
        assert fetch(engine, shown) == sorted(row for row in fetch(engine, query) if row[1] > 0), code


def test_officer_hours_have_every_month_and_all_work_on_cases(built: Built) -> None:
    engine = open_warehouse(built.settings, Role.OWNER)
    months = """
        select month from marts.fct_measures where measure_code = 'incidents' and dimension = 'all'
        union select month from marts.fct_measures where measure_code = 'hub_hours' order by 1
    """
    saved = "select month from marts.fct_measures where measure_code = 'officer_hours_saved' order by 1"
    assert fetch(engine, saved) == fetch(engine, months)
    (on_cases,) = fetch(engine, "select sum(hours) from staging.stg_hub_activity where report_ref is not null")
    (counted,) = fetch(
        engine, "select sum(denominator) from marts.fct_measures where measure_code = 'officer_hours_saved'"
    )
    assert counted == on_cases


RUN = uuid.UUID(int=0x5F1)
FORCE = "E23000002"
RAISED = (
    """
    insert into intermediate.int_hotspots__incidents (incident_id, force_code, lad_code, strands, report_origin,
        is_trained_on, count_reports, occurred_on, known_on, victim_person_id, provider_code)
    select gen_random_uuid(), :force, case when number % 2 = 0 then 'E07000026' end, '{race}', 'public', true, 1,
        latest.cut_off - 7, latest.cut_off - 7, md5((number % 8)::text)::uuid, 'x'
    from generate_series(1, 24) as numbers (number)
    cross join intermediate.int_hotspots__cut_off as latest
    """,
    # What a sender's clock that is far ahead says moves no four weeks.
    """
    insert into intermediate.int_hotspots__incidents (incident_id, force_code, strands, report_origin, is_trained_on,
        count_reports, occurred_on, known_on)
    values (gen_random_uuid(), :force, '{race}', 'public', true, 1, '2031-01-01', '2031-01-01')
    """,
    """
    insert into marts.fct_allocations
    select (jsonb_populate_record(copied, jsonb_build_object('allocation_id', gen_random_uuid(), 'target_kind', 'force',
        'target_code', cast(:force as text), 'status', 'sent', 'allocated_at', '2026-01-05T10:00:00Z',
        'due_at', now() - lag, 'action_due_at', now() + interval '9 days', 'acknowledged_at', null,
        'accepted_at', null, 'closed_at', null))).*
    from marts.fct_allocations as copied
    cross join (values (interval '90 days'), (interval '80 days'), (interval '2 days'), (interval '1 hour'),
        (interval '1 minute'), (interval '2 minutes'), (interval '-1 day')) as lags (lag)
    where copied.allocation_id = (select allocation_id from marts.fct_allocations order by allocation_id limit 1)
    """,
    """
    insert into forecast.runs (run_id, panel, cut_off, data_sha256, boundary_version, model_version, count_areas,
        is_withheld) values (:run, 'local_authority', '2026-08-03', 'x', 'LAD 2023', '1', 33, false)
    """,
    """
    insert into forecast.tasking (run_id, slot, area_code, area_name, force_code, rank, why, expected_reports, p05, p95,
        strands, action, stability_weeks, selection, review_by)
    values (:run, 1, 'E07000026', 'Allerdale', :force, 1, 'long-run high', 2, 0, 5, '{race}', 'engagement', 1, 'model',
        '2026-09-02')
    """,
)


def evidence_of(engine: sa.Engine, topic: str, view: str) -> set[tuple[int, ...]]:
    """The numbers of a force's question, counted in the view that it names."""
    whole = f"from candidate.{view} where force_code = '{FORCE}' and strand_code = 'all' and provider_code = 'all'"
    query = {
        "rising_theme": f"""
            select evidence from candidate.{view} where force_code = '{FORCE}' and is_rising
        """,
        "repeat_victims": f"select count_repeat_victims::text {whole}",
        "place_unknown": f"select concat_ws(' ', count_without_place, count_reports_4w) {whole}",
        "unanswered": f"""
            select count(*) || ' ' || to_char(min(allocated_at), 'YYYY-MM-DD') from candidate.{view}
            where target_kind = 'force' and target_code = '{FORCE}'
        """,
        "outcome_missing": f"""
            select concat_ws(' ', cut_off, review_by) from candidate.{view}
            where force_code = '{FORCE}' and outcome is null
        """,
    }[topic]
    return {numbers(text) for text in fetch(engine, query)}


def numbers(text: Any) -> tuple[int, ...]:
    return tuple(int(one) for one in re.findall(r"\d+", text))


@pytest.mark.usefixtures("without_data_tests")
def test_every_question_says_what_the_view_that_it_names_says(warehouse: Settings) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    with engine.begin() as connection:
        for change in RAISED:
            connection.execute(sa.text(change), {"force": FORCE, "run": RUN})
        # The data are as of when all of this had been loaded.
        connection.execute(sa.text("update marts.fct_deliveries set loaded_at = now() where status = 'loaded'"))
    with begin(engine) as connection:
        tasking_decisions.decide(connection, RUN, [1], is_approved=True, decided_by="an.analyst")
    build_warehouse(warehouse, select="agg_engagement_themes+")
    asked = fetch(
        engine,
        f"""select topic, evidence, evidence_view from candidate.tasking_questions_v1 where force_code = '{FORCE}'
            order by question_number""",
    )
    topics = {topic for topic, _, _ in asked}
    assert {"repeat_victims", "place_unknown", "unanswered", "outcome_missing"} <= topics
    for topic, evidence, view in asked:
        shown = evidence_of(engine, topic, view)
        assert numbers(evidence) in shown, (topic, evidence, shown)

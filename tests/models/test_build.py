"""Builds: of nothing, of every feed's good sample, in any order of deliveries, and builds that fail."""

import dataclasses
import json
import shutil
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from encrypting import vault_rows
from hub.build import BuildFailed
from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.publish import PublishRefused, publish
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse, role_address
from hub.warehouse.roles import Role
from models.conftest import Built
from models.rows import fetch, put_delivery, way_of

Deliver = Callable[..., uuid.UUID]
MARTS = ("fct_reports", "bridge_incident_strands", "fct_force_responses", "fct_recorded_crime")


def report(reference: str, **changes: object) -> dict[str, object]:
    return {
        "report_ref": reference,
        "reported_at": "2026-10-03T10:00:00+00:00",
        "strands": "race",
        "description_token": "t1:d",
        "consent_share_police": "yes",
        "consent_share_anonymised": "yes",
        "consent_refer_support": "no",
        "consent_contact": "no",
        **changes,
    }


def case(reference: str, **changes: object) -> dict[str, object]:
    consents = {
        f"consent_{purpose}": "true" for purpose in ("share_police", "share_anonymised", "refer_support", "contact")
    }
    return {
        "body_code": "cst",
        "case_ref": reference,
        "reported_at": "2026-10-03T10:00:00+00:00",
        "strands": '["religion"]',
        "description_token": "t1:d",
        **consents,
        **changes,
    }


def crime(area: str, counts: dict[str, str], **changes: object) -> dict[str, object]:
    return {
        "lsoa_code": area,
        "lsoa_name": "Somewhere 001A",
        "area_name": "E09000002",
        "major_category": "PUBLIC ORDER OFFENCES",
        "minor_category": "RACE OR RELIGIOUS AGG PUBLIC FEAR",
        "counts": counts,
        **changes,
    }


def response(reference: str, **changes: object) -> dict[str, object]:
    return {
        "response_ref": reference,
        "force_code": "E23000001",
        "incident_ref": "TV-00000001",
        "kind": "acknowledged",
        "happened_at": "2026-10-04T10:00:00+00:00",
        **changes,
    }


def test_all_models_and_tests_of_the_samples_pass(built: Built) -> None:
    assert {node.status for node in built.result.nodes} <= {"success", "pass"}
    kinds = {node.kind for node in built.result.nodes}
    assert kinds == {"model", "seed", "test", "unit_test"}
    assert len(built.result.models) == len(list((built.settings.dbt_project / "models").rglob("*.sql")))


def test_a_table_is_analysed_by_the_build_that_made_it(built: Built) -> None:
    never = fetch(
        open_warehouse(built.settings, Role.OWNER),
        """
        select relname from pg_class
        where relkind = 'r' and reltuples < 0
        and relnamespace::regnamespace::text in ('reference', 'staging', 'intermediate', 'marts')
        """,
    )
    assert never == []


def test_every_sample_row_reaches_its_mart(warehouse: Settings, built: Built) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    for feed, mart in (
        ("force_responses", "fct_force_responses"),
        ("police_uk_street", "fct_street_crimes"),
        ("police_uk_outcomes", "fct_street_outcomes"),
    ):
        [accepted] = fetch(engine, f"select sum(rows_accepted)::int from ledger.deliveries where feed = '{feed}'")
        assert accepted > 0
        assert fetch(engine, f"select count(*) from marts.{mart}") == [accepted]
    # Of statements those that are not followed are in sums alone.
    [accepted] = fetch(engine, "select sum(rows_accepted) from ledger.deliveries where feed = 'provider_statements'")
    [in_full] = fetch(engine, "select count(*) from marts.fct_provider_statements")
    assert fetch(engine, "select sum(count_statements) from marts.agg_provider_statements__daily") == [accepted]
    assert 0 < in_full < accepted
    by_feed = """
        select r.feed, count(*)::int = (select sum(rows_accepted) from ledger.deliveries d where d.feed = r.feed)
        from marts.fct_reports r group by r.feed order by r.feed
    """
    joined = built.manifest["nodes"]["model.hub.int_reports__all_feeds"]["depends_on"]["nodes"]
    assert fetch(engine, by_feed) == [(one.removeprefix("model.hub.stg_"), True) for one in sorted(joined)]
    assert len(joined) >= 4
    assert fetch(engine, "select count(*) > 0 from marts.fct_recorded_crime") == [True]


def test_a_report_leads_back_to_its_row(warehouse: Settings) -> None:
    """The way back: mart → delivery → the row itself."""
    engine = open_warehouse(warehouse, Role.OWNER)
    query = """
        select count(*), count(raw._row_number) from marts.fct_reports r
        left join raw.true_vision_reports raw on raw._delivery_id = r.delivery_id and raw._row_number = r.row_number
             and raw.report_ref = r.report_ref
        where r.feed = 'true_vision_reports'
    """
    [(reports, found)] = fetch(engine, query)
    assert reports == found > 0


@pytest.mark.usefixtures("without_data_tests")
def test_a_report_of_a_known_place_gets_its_force_and_its_incident_a_row_for_each_strand(
    warehouse: Settings, deliver: Deliver
) -> None:
    deliver("true_vision_reports", report("TV-90000001", strands="race|disability", offence_postcode_district="EC2V"))
    build_warehouse(warehouse, select=way_of(["true_vision_reports"], "fct_reports", "bridge_incident_strands"))
    [row] = fetch(
        open_warehouse(warehouse, Role.OWNER),
        """select r.force_code, r.location_evidence, array_agg(b.strand_code order by b.strand_code)
           from marts.fct_reports r join marts.bridge_incident_strands b using (incident_id)
           where r.report_ref = 'TV-90000001' group by 1, 2""",
    )
    assert row == ("E23000034", "offence_postcode_district", ["disability", "race"])


@pytest.mark.long
def test_deliveries_in_any_order_give_the_same_rows(copy_built: Callable[[], Settings], catalogue: Catalogue) -> None:
    deliveries: list[tuple[str, list[dict[str, object]]]] = [
        ("true_vision_reports", [report("TV-90000001", strands="race"), report("TV-90000002")]),
        ("true_vision_reports", [report("TV-90000001", strands="religion", reported_at="2026-10-05T10:00:00+00:00")]),
        ("true_vision_reports", [report("TV-90000002", occurred_on="2026-10-01")]),
        ("community_reports", [case("CST-90000001"), case("CST-90000001", is_online="yes")]),
        ("force_responses", [response("FR-900001")]),
        ("force_responses", [response("FR-900001", kind="accepted", happened_at="2026-10-06T10:00:00+01:00")]),
        ("mps_recorded_crime", [crime("E01099999", {"202401": "4", "202402": "5"})]),
        ("mps_recorded_crime", [crime("E01099999", {"202402": "1,006", "202403": "0"})]),
    ]
    placed = [(feed, rows, date(2026, 10, day)) for day, (feed, rows) in enumerate(deliveries, start=1)]
    seen = []
    for order in (placed, placed[::-1]):
        settings = copy_built()
        engine = open_warehouse(settings, Role.OWNER)
        for feed, rows, period_end in order:
            put_delivery(engine, catalogue.contracts[feed], *rows, period_end=period_end)
        build_warehouse(settings, select=" ".join(f"+{mart}" for mart in MARTS))
        rows_of = {mart: fetch(engine, f"select to_jsonb(m) - 'delivery_id' from marts.{mart} m") for mart in MARTS}
        seen.append({mart: sorted(map(json.dumps, rows)) for mart, rows in rows_of.items()})
    assert seen[0] == seen[1]
    new_area = [row for row in map(json.loads, seen[0]["fct_recorded_crime"]) if row["area_code"] == "E01099999"]
    assert sorted((row["month"], row["count_offences"]) for row in new_area) == [
        ("2024-01-01", 4),
        ("2024-02-01", 1006),
    ]


def test_a_failed_test_stops_the_build_and_what_is_published_stays(warehouse: Settings, deliver: Deliver) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    first = publish(warehouse, engine)
    fine = report("TV-90000001")
    wrong = report("TV-90000002", platform="nowhere", victim_name_token="t1:secret-name")
    delivery = deliver("true_vision_reports", fine, wrong)
    with pytest.raises(BuildFailed, match="relationships_fct_reports_provider_code") as failure:
        build_warehouse(warehouse, select=f"{way_of(['true_vision_reports'], 'fct_reports')} dim_provider")
    assert f"[true_vision_reports delivery {delivery} row 2]" in str(failure.value)
    assert "t1:secret-name" not in str(failure.value)
    assert fetch(engine, "select reason from ledger.builds order by build_id desc limit 1") == [str(failure.value)]
    with pytest.raises(PublishRefused, match=r"the last build failed .*provider_code"):
        publish(warehouse, engine)
    assert fetch(engine, "select distinct publish_id from publish.incidents_v1") == [first.publish_id]


def test_a_row_that_cannot_be_cast_fails_loudly_and_by_name(warehouse: Settings, deliver: Deliver) -> None:
    fine, wrong = ({"202401": count} for count in ("4", "about four"))
    delivery = deliver("mps_recorded_crime", crime("E01000006", fine), crime("E01000007", wrong))
    with pytest.raises(BuildFailed, match="fct_recorded_crime") as failure:
        build_warehouse(warehouse, select="+fct_recorded_crime")
    assert f"[first at mps_recorded_crime delivery {delivery} row 2]" in str(failure.value)
    written = [path for folder in ("dbt", "logs") for path in (warehouse.home / folder).rglob("*") if path.is_file()]
    assert "run_results.json" in {path.name for path in written}
    assert "about four" not in str(failure.value)
    assert [path.name for path in written if b"about four" in path.read_bytes()] == []


@pytest.mark.usefixtures("without_data_tests")
def test_a_report_of_a_year_to_come_that_was_let_in_before_stops_no_build(
    warehouse: Settings, catalogue: Catalogue
) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    earlier = dataclasses.replace(catalogue.contracts["true_vision_reports"], version="1.0.0")
    late = report("TV-90000003", reported_at=f"{datetime.now(UTC).year + 5}-02-03T10:00:00+00:00")
    delivery = put_delivery(engine, earlier, report("TV-90000002"), late)
    result = build_warehouse(warehouse, select="+stg_true_vision_reports")
    assert [(one.delivery_id, one.count_rows) for one in result.requarantined] == [(delivery, 1)]
    assert fetch(engine, "select report_ref from staging.stg_true_vision_reports where report_ref ~ '^TV-9'") == [
        "TV-90000002"
    ]
    assert fetch(engine, "select rule, row_number, state from quarantine.rows") == [("reported_at.future", 2, "open")]


def test_generic_tests_find_what_they_look_for(warehouse: Settings) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    with engine.begin() as connection:
        for statement in (
            "insert into reference.evidence_ladder select * from reference.evidence_ladder limit 1",
            "insert into reference.evidence_ladder (valid_from, is_online) values ('2016-01-01', 'perhaps')",
            "update reference.measures set base_is = 'apart', base = numerator where measure_code = 'incidents'",
            "insert into reference.lsoa_ranges values ('E01000002', 'E01000003', 'E09000001')",
            "update staging.stg_ledger__deliveries set count_rows_accepted = count_rows_accepted + 1"
            " where feed = 'police_uk_street'",
        ):
            connection.execute(sa.text(statement))
    with pytest.raises(BuildFailed) as failure:
        build_warehouse(
            warehouse,
            select="evidence_ladder+1,test_name:unique_combination_of_columns evidence_ladder+1,test_name:not_null "
            "evidence_ladder+1,test_name:accepted_values measures+1,test_name:expression_is_true "
            "test_name:every_accepted_row ranges_of_lsoas_do_not_overlap",
            full_refresh=False,
        )
    failed = {node.name for node in failure.value.nodes if node.status == "fail"}
    assert {name for name in failed if not name.startswith("unique_combination")} == {
        "a_base_is_named_as_what_it_is",
        "accepted_values_evidence_ladder_is_online__yes__no__unknown",
        "every_accepted_row_stg_police_uk_street_police_uk_street",
        "not_null_evidence_ladder_evidence_rank",
        "not_null_evidence_ladder_location_evidence",
        "ranges_of_lsoas_do_not_overlap",
    }
    repeated = {name for name in failed if name.startswith("unique_combination_of_columns_evidence_ladder")}
    assert len(repeated) == 2


def test_what_names_a_report_that_is_not_there_stops_the_build(warehouse: Settings) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    with engine.begin() as connection:
        connection.execute(sa.text("delete from marts.fct_reports"))
    with pytest.raises(BuildFailed) as failure:
        build_warehouse(warehouse, select="fct_reports+1,test_name:relationships", full_refresh=False)
    failed = {node.name for node in failure.value.nodes if node.status == "fail"}
    assert "relationships_fct_incidents_first_report_id__report_id__ref_fct_reports_" in failed


def test_a_build_that_was_killed_is_not_published(warehouse: Settings) -> None:
    engine = open_warehouse(warehouse, Role.OWNER)
    with engine.begin() as connection:
        connection.execute(
            sa.text("insert into ledger.builds (status, code_sha256, seeds_sha256) values ('running', '', '')")
        )
    with pytest.raises(PublishRefused, match="stopped before its end"):
        publish(warehouse, engine)


def test_a_project_that_cannot_be_read_is_said_to_be_so(warehouse: Settings, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(warehouse.project / "expectations", project / "expectations")
    shutil.copytree(warehouse.dbt_project, project / "dbt_project")
    (project / "dbt_project" / "models" / "broken.sql").write_text("select * from {{ ref('nowhere') }}")
    with pytest.raises(BuildFailed, match=r"dbt could not start.*nowhere"):
        build_warehouse(dataclasses.replace(warehouse, project=project))


def test_artefacts_hold_no_password_and_stay_out_of_the_checkout(built: Built) -> None:
    password = role_address(built.settings, Role.TRANSFORMER).password
    assert password
    written = [
        path for folder in ("dbt", "logs") for path in (built.settings.home / folder).rglob("*") if path.is_file()
    ]
    assert {"manifest.json", "run_results.json"} <= {path.name for path in written}
    assert [path for path in written if str(password).encode() in path.read_bytes()] == []
    # Somebody who runs dbt by hand in the checkout may have left folders there; a build adds nothing to them.
    manifest = built.settings.home / "dbt" / "manifest.json"
    by_hand = [built.settings.dbt_project / name for name in ("target", "logs")]
    since = manifest.stat().st_mtime - built.result.seconds
    assert [path for folder in by_hand for path in folder.rglob("*") if path.stat().st_mtime >= since] == []


def test_artefacts_hold_no_words_of_a_victim(built: Built, catalogue: Catalogue) -> None:
    engine = open_warehouse(built.settings, Role.OWNER)
    held = [
        row
        for contract in catalogue.contracts.values()
        if contract.personal_columns
        for row in vault_rows(built.settings, engine, contract)
    ]
    told = {str(row.get(name, "")) for row in held for name in ("victim_name", "reporter_email", "description")}
    values = [value for value in told if len(value) > 5]
    assert len(values) > 3
    written = [
        path for folder in ("dbt", "logs") for path in (built.settings.home / folder).rglob("*") if path.is_file()
    ]
    found = {value for value in values for path in written if value.encode() in path.read_bytes()}
    assert found == set()

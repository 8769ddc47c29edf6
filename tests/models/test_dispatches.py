"""Dispatches of a hub that was built and published: what leaves it, and who sees what has become of it."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sqlalchemy as sa
import yaml

from encrypting import vault_rows
from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue
from hub.dispatch.package import SCHEMA
from hub.dispatch.rounds import prepare_dispatches, send_due
from hub.publish import publish
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch

TELLING = ("name", "email", "phone", "description", "handle", "identity", "url", "address", "text", "postcode")
TARGETS = (
    "select distinct target_kind, target_code from publish.allocations_v1 where target_kind in ('force', 'provider')"
)


@pytest.fixture
def published(warehouse: Settings, tmp_path: Path) -> Settings:
    """Published, with a recipient for every force and provider, and nothing answered yet."""
    owner = open_warehouse(warehouse, Role.OWNER)
    with owner.begin() as connection:
        for statement in ("acknowledged_at = null", "closed_at = null"):
            connection.execute(sa.text(f"update marts.fct_allocations set {statement}"))
    publish(warehouse, open_warehouse(warehouse, Role.PUBLISHER))
    project = tmp_path / "project"
    for name in ("expectations", "dbt_project"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).symlink_to(warehouse.project / name)
    for kind, code in fetch(owner, TARGETS):
        folder = project / "recipients" / code
        folder.mkdir(parents=True)
        contract = {
            "code": code,
            "name": f"Recipient {code}",
            "kind": kind,
            "owner": "hub-allocation-desk",
            "valid_from": "2016-04-01",
            "allocations": [{"target_kind": kind, "target_code": code}],
            "transport": {"kind": "folder", "folder": code},
        }
        if kind == "provider":
            contract["notices"] = {"notifier": "The hub", "contact": "notices@hub.example", "xarf": True}
        (folder / "recipient.yaml").write_text(yaml.safe_dump(contract))
    return dataclasses.replace(warehouse, project=project)


def personal_words(settings: Settings, catalogue: Catalogue) -> set[str]:
    """What the vault holds of anybody, and the tokens that stand for it."""
    owner, words = open_warehouse(settings, Role.OWNER), set[str]()
    for contract in catalogue.contracts.values():
        if contract.personal_columns:
            rows: list[dict[str, Any]] = [dict(row) for row in vault_rows(settings, owner, contract)]
            told = ((name, str(value)) for row in rows for name, value in row.items() if value is not None)
            words |= {value.lower() for name, value in told if name.endswith(TELLING) and len(value) >= 6}
            tokens = [column.raw_name for column in contract.columns if column.raw_name.endswith("_token")]
            for token in tokens:
                words |= set(
                    fetch(owner, f"select distinct {token} from raw.{contract.feed} where {token} is not null")
                )
    return words


def test_every_package_holds_by_its_schema_and_nothing_personal_leaves_the_hub(
    published: Settings, catalogue: Catalogue
) -> None:
    owner = open_warehouse(published, Role.OWNER)
    sendable = fetch(owner, "select count(*) from publish.allocations_v1 where target_kind in ('force', 'provider')")
    assert [len(prepare_dispatches(published).new)] == sendable
    assert sum(send_due(published).taken.values()) == sendable[0] >= 10
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    files = list(published.pickup_folder.glob("*/*-*-*-*.json"))
    assert len(files) == sendable[0]
    words = personal_words(published, catalogue)
    assert "robin.sample@example.org" in words
    for path in files:
        text = path.read_text()
        package = json.loads(text)
        validator.validate(package)
        assert package["dispatch"]["dispatch_id"] == path.stem
        assert {one["report_ref"] for one in package["evidence"]} != {None}
        found = {word for word in words if word in text.lower()}
        assert found == set(), path
    reports = [json.loads(path.read_text()) for path in published.pickup_folder.glob("*/*.xarf.jsonl")]
    assert reports
    assert all(one["url"].startswith("http") for one in reports)


def test_an_answer_to_a_package_finds_its_incident_in_the_warehouse(published: Settings) -> None:
    """By the reference that the package says to answer with."""
    prepare_dispatches(published)
    send_due(published)
    owner = open_warehouse(published, Role.OWNER)
    refs = "select report_ref, incident_id::text from intermediate.int_reports__references"
    known = dict(fetch(owner, refs))
    for path in published.pickup_folder.glob("*/*-*-*-*.json"):
        package = json.loads(path.read_text())
        fields = package["answer"]["fields"]
        [event] = package["events"]
        assert known[fields.get("incident_ref") or fields["report_ref"]] == event["incident_id"]


@pytest.mark.usefixtures("without_data_tests")
def test_a_force_and_a_provider_see_their_own_dispatches_alone(published: Settings, warehouse: Settings) -> None:
    prepare_dispatches(published)
    send_due(published)
    build_warehouse(warehouse, select="dim_dispatch+")
    result = publish(warehouse, open_warehouse(warehouse, Role.PUBLISHER))
    assert result.is_new
    owner = open_warehouse(warehouse, Role.OWNER)
    counts = dict(fetch(owner, "select recipient, count(*) from publish.dispatches_v1 group by recipient"))
    assert sum(counts.values()) == result.row_counts["dispatches_v1"] > len(counts) > 1
    for role, code in (("force_E23000001", "E23000001"), ("provider_x", "x"), ("provider_mastodon", "mastodon")):
        own = fetch(open_warehouse(warehouse, role), "select recipient from publish.dispatches_v1")
        assert own == [code] * counts.get(code, 0), role
        plan = "explain (analyze, costs off, timing off, summary off) select * from publish.dispatches_v1"
        shown = "\n".join(fetch(open_warehouse(warehouse, role), plan))
        assert "Rows Removed" not in shown
        assert f"rows={sum(counts.values())}" not in shown
    states = fetch(open_warehouse(warehouse, "hub_analyst"), "select distinct state from publish.dispatches_v1")
    assert states == ["sent"]
    with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
        fetch(open_warehouse(warehouse, "hub_bi"), "select 1 from publish.dispatches_v1")
    assert not publish(warehouse, open_warehouse(warehouse, Role.PUBLISHER)).is_new

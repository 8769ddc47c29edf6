"""The rules for Prometheus fire on a hub that is wrong, and only then."""

import dataclasses
import itertools
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import sqlalchemy as sa
import typer
import yaml
from prometheus_client.samples import Sample
from typer.core import TyperGroup
from typer.main import get_command

from conftest import Databases, free_port
from hub import metrics
from hub.cli.main import app
from hub.contracts.model import Catalogue
from hub.local.condition import LONGEST_UNSENT, OLDEST_BASE, OLDEST_DRILL, OLDEST_KEPT
from hub.local.preflight import LEAST_FREE_BYTES
from hub.metrics.collector import HubCollector, families
from hub.metrics.machine import machine_readings
from hub.metrics.metrics import METRICS, Reading
from hub.metrics.queries import ledger_readings
from hub.metrics.replica import replica_readings
from hub.monitoring.watch.causes import UNATTENDED_AFTER
from hub.notifications.causes import REMINDED_AFTER
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from metrics.promql import Moment, names_in
from metrics.wrong_hubs import NOW, WRONG, Wrong, make_well

RULES_FILE = Path(metrics.__file__).with_name("alert_rules.yaml")
GROUPS: list[dict[str, Any]] = yaml.safe_load(RULES_FILE.read_text())["groups"]
RULES: dict[str, dict[str, Any]] = {rule["alert"]: rule for group in GROUPS for rule in group["rules"]}
OF_PROMETHEUS = {"up"}
GIBIBYTE = 1024**3


@pytest.fixture(scope="module")
def engine(
    server_settings: Settings,
    administration: sa.Engine,
    handed_on: Path,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[sa.Engine]:
    """One warehouse for all rules: what makes it wrong is undone each time."""
    databases = Databases(server_settings, administration, handed_on)
    settings = databases.make(template_database, tmp_path_factory.mktemp("rules"))
    yield open_warehouse(settings, Role.OWNER)
    databases.drop()


@pytest.fixture
def machine(server_settings: Settings, tmp_path: Path) -> Settings:
    """A home, and folders for its backups."""
    home, backup, keys = (tmp_path / name for name in ("home", "backup", "keys"))
    for folder in (home, backup, keys):
        folder.mkdir()
    return dataclasses.replace(server_settings, home=home, backup=backup, backup_keys=keys, warehouse_url=None)


def scrape(engine: sa.Engine, machine: Settings, catalogue: Catalogue, *wrongs: Wrong) -> tuple[Sample, ...]:
    """What is exposed of a hub that is well but for what was done to it."""
    with engine.connect() as connection:
        make_well(connection, machine, catalogue)
        for wrong in wrongs:
            wrong(connection, machine)
        ledger = list(ledger_readings(connection, catalogue, NOW))
        connection.rollback()
    return samples([Reading("hub_up", 1), *ledger, *machine_readings(machine)])


def samples(readings: list[Reading]) -> tuple[Sample, ...]:
    return tuple(itertools.chain.from_iterable(family.samples for family in families(readings)))


def firing(found: tuple[Sample, ...]) -> set[str]:
    moment = Moment(found, NOW.timestamp())
    return {name for name, rule in RULES.items() if moment.ask(rule["expr"])}


def test_no_rule_fires_on_a_hub_that_is_well(engine: sa.Engine, machine: Settings, catalogue: Catalogue) -> None:
    assert firing(scrape(engine, machine, catalogue)) == set()


@pytest.mark.parametrize("alert", WRONG)
def test_a_rule_fires_on_a_hub_that_is_wrong_so(
    alert: str, engine: sa.Engine, machine: Settings, catalogue: Catalogue
) -> None:
    assert firing(scrape(engine, machine, catalogue, WRONG[alert])) == {alert}


@pytest.mark.parametrize(("alert", "free"), [("HubDiskFull", 1.9), ("HubDiskFilling", 2.1)])
def test_a_disk_that_is_nearly_full_is_told(
    alert: str,
    free: float,
    engine: sa.Engine,
    machine: Settings,
    catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    size = 10 if alert == "HubDiskFull" else 100
    usage = type(shutil.disk_usage(machine.home))(size * GIBIBYTE, 0, int(free * GIBIBYTE))
    monkeypatch.setattr("hub.metrics.machine.shutil.disk_usage", lambda _: usage)
    assert firing(scrape(engine, machine, catalogue)) == {alert}


def test_a_warehouse_that_is_away_is_told(machine: Settings) -> None:
    found = itertools.chain.from_iterable(family.samples for family in HubCollector(machine).collect())
    assert "HubWarehouseAway" in firing(tuple(found))


def test_metrics_that_do_not_answer_are_told() -> None:
    assert firing((Sample("up", {"job": "hub"}, 0),)) == {"HubMetricsAway"}
    assert firing((Sample("up", {"job": "another"}, 0), Sample("up", {"job": "hub"}, 1))) == set()


def test_a_replica_that_is_away_or_behind_is_told(machine: Settings, engine: sa.Engine) -> None:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    away = dataclasses.replace(machine, warehouse_url=url, read_url=f"postgresql://127.0.0.1:{free_port()}")
    assert firing(samples(list(replica_readings(away)))) == {"HubReplicaAway"}
    assert not list(replica_readings(machine)), "readers have none"
    for behind, told in ((301.0, {"HubReplicaBehind"}), (299.0, set[str]())):
        assert firing((Sample("hub_replica_up", {}, 1.0), Sample("hub_replica_behind_seconds", {}, behind))) == told


def test_every_rule_is_shown_to_fire() -> None:
    here = {"HubDiskFull", "HubDiskFilling", "HubWarehouseAway", "HubMetricsAway", "HubReplicaAway", "HubReplicaBehind"}
    assert {*WRONG, *here} == set(RULES)


def test_a_hub_without_a_folder_for_backups_is_told(engine: sa.Engine, machine: Settings, catalogue: Catalogue) -> None:
    found = scrape(engine, machine, catalogue)
    without = samples(list(machine_readings(dataclasses.replace(machine, backup=None))))
    assert firing(tuple(one for one in found if "backup" not in one.name) + without) == {"HubNoBaseBackup"}


def test_backups_of_another_server_are_its_own_matter(machine: Settings) -> None:
    elsewhere = dataclasses.replace(machine, warehouse_url="postgresql://db.example/hub")
    names = {one.name for one in machine_readings(elsewhere)}
    assert not {name for name in names if name.startswith(("hub_backup", "hub_drill"))}


@pytest.mark.parametrize("alert", RULES)
def test_a_rule_has_the_form_that_prometheus_wants(alert: str) -> None:
    rule = RULES[alert]
    assert rule.keys() - {"for"} == {"alert", "expr", "labels", "annotations"}
    assert rule["labels"].keys() == {"severity"}
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert rule["annotations"].keys() == {"summary", "description"}
    assert promql_parser.parse_duration(rule.get("for", "1s")) >= timedelta(seconds=1)


@pytest.mark.parametrize("alert", RULES)
def test_a_rule_names_only_metrics_that_are_exposed(alert: str) -> None:
    assert names_in(RULES[alert]["expr"]) <= METRICS.keys() | OF_PROMETHEUS


def test_rule_names_are_given_once() -> None:
    assert sum(len(group["rules"]) for group in GROUPS) == len(RULES)
    assert len(GROUPS) == 1


@pytest.mark.parametrize(
    ("alert", "limit"),
    [
        ("HubBaseBackupOld", OLDEST_BASE),
        ("HubDrillOld", OLDEST_DRILL),
        ("HubBackupNotKept", OLDEST_KEPT),
        ("HubNotificationsWait", LONGEST_UNSENT),
        ("HubApprovalWaits", REMINDED_AFTER),
        ("HubDeliveryNotLoaded", UNATTENDED_AFTER),
    ],
)
def test_a_rule_has_the_limit_that_the_hub_itself_goes_by(alert: str, limit: timedelta) -> None:
    compared = promql_parser.parse(RULES[alert]["expr"])
    assert isinstance(compared, promql_parser.BinaryExpr)
    assert isinstance(compared.rhs, promql_parser.NumberLiteral)
    assert compared.rhs.val == limit.total_seconds()


def test_the_disk_is_full_for_the_rule_when_it_is_for_the_hub() -> None:
    assert RULES["HubDiskFull"]["expr"].endswith(f" < {LEAST_FREE_BYTES}")


def test_every_command_in_an_alert_is_one_of_the_hubs_with_its_options() -> None:
    named = re.findall(r"`hub ([^`]+)`", RULES_FILE.read_text(encoding="utf-8"))
    assert named
    for line in named:
        command, words = get_command(app), line.split()
        while isinstance(command, TyperGroup):
            found = command.get_command(typer.Context(command), words.pop(0))
            assert found is not None, line
            command = found
        known = {option for one in command.params for option in one.opts}
        assert {word for word in words if word.startswith("--")} <= known, line

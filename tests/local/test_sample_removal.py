"""A hub to which nothing but samples came becomes one that never had them; any other loses nothing."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
import sqlalchemy as sa

from conftest import share_keys
from hub.contracts.model import Catalogue
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.samples import note_simulated
from hub.local import sample_removal
from hub.local.outcome import RunProblem
from hub.local.run_folder import RunFolder
from hub.settings import Settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from hub.vault import audit
from hub.warehouse import grants
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

PLAN = Plan(reports=40, days=3, seed=3, end=date(2026, 10, 30))
FEEDS = ("true_vision_reports", "hub_activity")
RELATIONS = """
    select n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'v', 'm', 'p') and n.nspname !~ '^(pg_|information_schema|public$)'
"""
OF_THE_MOMENT = ("received_at", "loaded_at", "_loaded_at", "first_known_at")


def _deliver(settings: Settings, catalogue: Catalogue, made: Path) -> list[Path]:
    engine = open_warehouse(settings, Role.LOADER)
    files = [path for feed in FEEDS for path in sorted((made / feed).iterdir())]
    for path in files:
        contract = catalogue.contracts[path.parent.name]
        for receipt in collect_files(settings, engine, contract, [path]):
            ingest_delivery(settings, engine, contract, receipt.delivery_id)
    return files


def _holds(settings: Settings) -> dict[tuple[str, str], Counter[str]]:
    """``{(schema, relation): its rows}`` but for moments, without the audit log."""
    with open_warehouse(settings, Role.OWNER).connect() as connection:
        found: dict[tuple[str, str], Counter[str]] = {}
        relations: Iterable[Any] = connection.execute(sa.text(RELATIONS)).all()
        for schema, name in relations:
            if schema != "audit":
                rows = connection.execute(sa.text(f'select * from {schema}."{name}"')).mappings()
                found[schema, name] = Counter(
                    str({column: value for column, value in row.items() if column not in OF_THE_MOMENT}) for row in rows
                )
        return found


@pytest.fixture
def airflows(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Homes whose Airflow was asked to forget; the journey's test does that with a true one."""
    asked: list[Path] = []

    def note(settings: Settings, _: RunFolder) -> None:
        asked.append(settings.home)

    monkeypatch.setattr(sample_removal, "_empty_airflows_record", note)
    return asked


def test_a_hub_without_its_samples_equals_one_that_never_had_them(
    make_settings: Callable[[], Settings],
    catalogue: Catalogue,
    airflows: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    had, never_had = make_settings(), make_settings()
    share_keys(had, never_had)
    simulate(PLAN, tmp_path / "made")
    files = [path for path in (tmp_path / "made").rglob("*") if path.is_file()]
    with open_warehouse(had, Role.OWNER).begin() as connection:
        note_simulated(connection, (hashlib.sha256(path.read_bytes()).hexdigest() for path in files))
        connection.execute(sa.text("create schema publish_1 authorization hub_publisher"))
        connection.execute(sa.text("create table publish_1.incidents_v1 as select 1 as one"))
    audit.append(had, audit.Entry("somebody", "looked", "a test"))
    delivered = _deliver(had, catalogue, tmp_path / "made")
    assert any(had.landing.rglob("*.*"))
    waiting, own = had.drop / FEEDS[0] / "again.csv", had.drop / FEEDS[0] / "own.csv"
    waiting.parent.mkdir(parents=True, exist_ok=True)
    waiting.write_bytes(delivered[0].read_bytes())
    own.write_text("not,made,up\n")

    before = _holds(had)
    with monkeypatch.context() as broken:
        broken.setattr(audit, "append", Mock(side_effect=OSError("no space left")))
        with pytest.raises(OSError, match="no space left"):
            sample_removal.remove_samples(had)
    assert _holds(had) == before, "nothing is removed that the audit log cannot be told of"
    assert sample_removal.remove_samples(had) == len(delivered)
    assert _holds(had) == _holds(never_had)
    with open_warehouse(had, Role.OWNER).connect() as connection:
        assert grants.differences(connection) == []
    assert not had.landing.exists()
    assert not waiting.exists()
    assert own.exists()
    assert airflows == [had.home]
    assert audit.verify(had, open_warehouse(had, Role.AUDITOR))[1] == []
    actions = [entry.action for entry in audit.newest(open_warehouse(had, Role.AUDITOR), 2)]
    assert actions == ["samples removed", "looked"]

    simulate(Plan(reports=20, days=2, seed=4, end=date(2026, 10, 30)), tmp_path / "own")
    _deliver(had, catalogue, tmp_path / "own")
    _deliver(never_had, catalogue, tmp_path / "own")
    assert _holds(had).keys() == _holds(never_had).keys()
    counts = {of: sum(rows.values()) for of, rows in _holds(had).items()}
    assert counts == {of: sum(rows.values()) for of, rows in _holds(never_had).items()}
    assert counts["raw", FEEDS[0]] > 0


def test_a_hub_to_which_anything_else_came_keeps_all(
    settings: Settings, catalogue: Catalogue, airflows: list[Path], tmp_path: Path
) -> None:
    simulate(PLAN, tmp_path / "made")
    delivered = _deliver(settings, catalogue, tmp_path / "made")
    with open_warehouse(settings, Role.OWNER).begin() as connection:
        note_simulated(connection, (hashlib.sha256(path.read_bytes()).hexdigest() for path in delivered[1:]))
    before = _holds(settings)
    with pytest.raises(RunProblem, match=r"true_vision_reports 1\), so nothing is removed"):
        sample_removal.remove_samples(settings)
    assert _holds(settings) == before
    assert airflows == []

"""As which role Superset's questions reach the warehouse, whatever its own rights say."""

import runpy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from dashboards.assets import PROJECT

MET = "force_E23000001"
ROLES = ("hub_analyst", "hub_bi", MET)


@pytest.fixture
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Superset's settings, with a password for each role."""
    (tmp_path / "secret-key").write_text("of-a-test")
    (tmp_path / "roles").mkdir()
    for role in ROLES:
        (tmp_path / "roles" / role).write_text(f"word-of-{role}\n")
    monkeypatch.setenv("HUB_DASHBOARDS_HOME", str(tmp_path))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", "postgresql://127.0.0.1:5433/hub?sslmode=require")
    return runpy.run_path(str(PROJECT / "dashboards" / "superset_config.py"))


@pytest.mark.parametrize(
    ("account", "named", "role"),
    [
        ("hub_analyst", "hub_analyst", "hub_analyst"),
        ("admin", "hub_analyst", "hub_analyst"),
        ("admin", "admin", "hub_analyst"),
        ("hub_analyst", "hub_bi", "hub_bi"),
        ("hub_bi", "hub_bi", "hub_bi"),
        (MET, "hub_bi", "hub_bi"),
        (MET, MET, MET),
    ],
)
def test_an_account_reads_as_its_own_role_or_the_shared_one(
    configuration: dict[str, Any], account: str, named: str, role: str
) -> None:
    asked = make_url(f"postgresql+psycopg2://{named}@hub/hub")
    address, parameters = configuration["connect_as_role"](
        asked, {"connect_args": {"options": "-c x=y"}}, account, None
    )
    assert address.render_as_string(hide_password=False) == (
        f"postgresql+psycopg2://{role}:word-of-{role}@127.0.0.1:5433/hub?sslmode=require"
    )
    _, options = parameters["creator"].args
    assert options == {"options": "-c x=y", "application_name": "dashboards"}


@pytest.mark.parametrize(
    ("account", "named"),
    [
        ("hub_bi", "hub_analyst"),
        (MET, "hub_analyst"),
        (MET, "force_E23000002"),
        ("hub_analyst", MET),
        ("somebody", "hub_analyst"),
        (None, "hub_analyst"),
        ("hub_owner", "hub_analyst"),
    ],
)
def test_no_account_reads_as_the_role_of_another(
    configuration: dict[str, Any], account: str | None, named: str
) -> None:
    with pytest.raises(PermissionError, match=named):
        configuration["connect_as_role"](make_url(f"postgresql+psycopg2://{named}@hub/hub"), {}, account, None)


def test_a_role_of_the_hubs_own_parts_has_no_password_there(configuration: dict[str, Any]) -> None:
    with pytest.raises(FileNotFoundError):
        configuration["connect_as_role"](make_url("postgresql+psycopg2://hub_owner@hub/hub"), {}, "hub_owner", None)


def test_a_question_waits_for_a_free_connection_of_its_role(
    configuration: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(['too many connections for role "force_x"', 'too many connections for role "force_x"', None])
    driver = configuration["psycopg2"]

    def connect(_: str, **__: object) -> str:
        if (refusal := next(answers)) is not None:
            raise driver.OperationalError(refusal)
        return "connected"

    monkeypatch.setattr(driver, "connect", connect)
    assert configuration["connect_in_turn"]("postgresql://nowhere", {}) == "connected"


def test_another_refusal_is_told_at_once(configuration: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    driver = configuration["psycopg2"]

    def connect(_: str, **__: object) -> str:
        raise driver.OperationalError("password authentication failed")

    monkeypatch.setattr(driver, "connect", connect)
    with pytest.raises(driver.OperationalError, match="password"):
        configuration["connect_in_turn"]("postgresql://nowhere", {})

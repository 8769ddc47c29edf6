"""As which role Superset's questions reach the warehouse, whatever its own rights say."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from dashboards.assets import PROJECT

MET = "force_E23000001"
ROLES = ("hub_analyst", "hub_bi", MET)


Connect = Callable[[str, str | None], str]


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


@pytest.fixture
def connect(configuration: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Connect:
    """As Superset connects for an account that comes by a connection: the address that the driver is given."""
    monkeypatch.setattr(configuration["psycopg2"], "connect", lambda address, **options: (address, options))

    def ask(named: str, account: str | None) -> str:
        asked = make_url(f"postgresql+psycopg2://{named}@hub/hub")
        given = {"connect_args": {"options": "-c x=y"}, "poolclass": NullPool}
        address, parameters = configuration["DB_CONNECTION_MUTATOR"](asked, given, account, None, None)
        assert address.password is None
        assert parameters["poolclass"] is NullPool
        told, options = parameters["creator"]()
        assert options == {"options": "-c x=y", "application_name": "dashboards"}
        return str(told)

    return ask


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
    connect: Connect, account: str, named: str, role: str
) -> None:
    assert connect(named, account) == f"postgresql://{role}:word-of-{role}@127.0.0.1:5433/hub?sslmode=require"


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
def test_no_account_reads_as_the_role_of_another(connect: Connect, account: str | None, named: str) -> None:
    with pytest.raises(PermissionError, match=named):
        connect(named, account)


def test_a_role_of_the_hubs_own_parts_has_no_password_there(connect: Connect) -> None:
    with pytest.raises(FileNotFoundError):
        connect("hub_owner", "hub_owner")


def test_a_question_waits_for_a_free_connection_of_its_role(
    configuration: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(['too many connections for role "force_x"', 'too many connections for role "force_x"', None])
    driver = configuration["psycopg2"]

    def busy(_: str, **__: object) -> str:
        if (refusal := next(answers)) is not None:
            raise driver.OperationalError(refusal)
        return "connected"

    monkeypatch.setattr(driver, "connect", busy)
    assert configuration["connect"](MET, MET, {}) == "connected"


def test_another_refusal_is_told_at_once(configuration: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    driver = configuration["psycopg2"]

    def closed(_: str, **__: object) -> str:
        raise driver.OperationalError("password authentication failed")

    monkeypatch.setattr(driver, "connect", closed)
    with pytest.raises(driver.OperationalError, match="password"):
        configuration["connect"](MET, MET, {})

"""What a user of the UI may do beyond runs and answers."""

import pytest
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

from hub.orchestration.ui_users import UI_USERS


def user(name: str) -> SimpleAuthManagerUser:
    return SimpleAuthManagerUser(username=name, role=UI_USERS[name])


@pytest.mark.parametrize("name", ["operator", "viewer"])
def test_only_an_admin_changes_pools_variables_connections_and_assets(name: str) -> None:
    manager = SimpleAuthManager()  # type: ignore[no-untyped-call]  # it has no hints
    for may in (
        manager.is_authorized_pool,
        manager.is_authorized_variable,
        manager.is_authorized_connection,
        manager.is_authorized_asset,
        manager.is_authorized_configuration,
    ):
        for method in ("POST", "PUT", "DELETE"):
            assert may(method=method, user=user("admin"))
            assert not may(method=method, user=user(name)), may.__name__


def test_an_operator_starts_runs_and_a_viewer_does_not() -> None:
    manager = SimpleAuthManager()  # type: ignore[no-untyped-call]  # it has no hints
    for name, may in (("operator", True), ("viewer", False)):
        start = manager.is_authorized_dag(method="POST", access_entity=DagAccessEntity.RUN, user=user(name))
        assert start is may

"""The hub's page in Airflow's UI: served by its API server, to its users, by their rights."""

from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import get_user
from airflow.plugins_manager import AirflowPlugin
from fastapi import Depends, HTTPException

from hub.orchestration.starting_runs import start_run
from hub.page import Reader, make_page
from hub.settings import read_settings

PREFIX = "/hub"
DECIDED_IN = "release_quarantine"
"""Users who may start its runs may ask for a release, and see the rows in question."""


def admit(user: Annotated[BaseUser, Depends(get_user)]) -> Reader:
    """Let in everybody who may see Airflow's own pages. Raises HTTPException: 403 for all others, and Airflow's own 401
    where nobody is logged in."""
    rights = get_auth_manager()
    if not rights.is_authorized_view(access_view=AccessView.WEBSITE, user=user):
        raise HTTPException(403)
    may_decide = rights.is_authorized_dag(
        method="POST", access_entity=DagAccessEntity.RUN, details=DagDetails(id=DECIDED_IN), user=user
    )
    return Reader(user.get_name(), may_decide)


class HubPage(AirflowPlugin):
    """Serves the page at ``/hub`` and links to it from the UI's menu Browse, in a tab of its own: within a frame of the
    UI its links to Airflow's pages would not work, and no page of the hub may be framed. At the top of the navigation
    the UI makes a button of such a link that leads nowhere."""

    name = "hub_page"
    fastapi_apps = [{"app": make_page(read_settings, admit, start_run), "url_prefix": PREFIX, "name": "hub"}]  # noqa: RUF012 - Airflow's form
    external_views = [  # noqa: RUF012 - Airflow's form
        {"name": "Hub", "href": f"{PREFIX.removeprefix('/')}/", "destination": "nav", "category": "browse"}
    ]

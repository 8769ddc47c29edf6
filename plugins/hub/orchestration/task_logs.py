"""Where the UI finds the logs of tasks: in the folder that all components share.

Airflow also asks a log server on the worker for what a running, waiting or skipped task wrote, and the UI shows an
error where there is none. Airflow's own listens on every address of the machine, so on one machine the hub starts none;
its API server answers instead that there is nothing to add to the folder.
"""

from airflow.plugins_manager import AirflowPlugin
from fastapi import FastAPI, Response


def _nothing_to_add() -> Response:
    return Response(status_code=200)


def _log_server() -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.add_api_route("/{path:path}", _nothing_to_add)
    return app


class TaskLogs(AirflowPlugin):
    """Answers at ``/log`` of the API server, where Airflow looks for logs."""

    name = "task_logs"
    fastapi_apps = [{"app": _log_server(), "url_prefix": "/log", "name": "task logs"}]  # noqa: RUF012 - Airflow's form

"""The hub's plugins of Airflow."""

from hub.orchestration.api_server import ApiServer
from hub.orchestration.hub_page import HubPage
from hub.orchestration.task_logs import TaskLogs

__all__ = ["ApiServer", "HubPage", "TaskLogs"]

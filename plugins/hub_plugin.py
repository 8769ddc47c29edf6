"""The hub's plugin of Airflow."""

from hub.orchestration.task_logs import TaskLogs

__all__ = ["TaskLogs"]

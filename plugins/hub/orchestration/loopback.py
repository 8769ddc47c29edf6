"""The address at which Airflow's components find each other on one machine."""

HOST = "127.0.0.1"


def hostname() -> str:
    """What each component gives as its host: Airflow asks there for the logs of its tasks."""
    return HOST

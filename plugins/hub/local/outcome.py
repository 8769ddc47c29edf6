"""How starting or stopping a hub can end: exit codes, and the problem that leads to one."""

from enum import IntEnum


class Outcome(IntEnum):
    """Exit codes of ``hub run`` and ``hub stop``."""

    WELL = 0
    RUN_FAILED = 1
    """The hub runs, but a DAG run failed or a feed was not published."""
    PORT_TAKEN = 3
    DISK_FULL = 4
    NO_HOME = 5
    COMPONENT_DIED = 6
    NO_WAREHOUSE = 7
    TOO_SLOW = 8
    BUSY = 9
    """Another start or stop of the same hub is going on."""
    STILL_ALIVE = 10
    """A process could not be stopped."""
    NO_REDIS = 11
    NO_BACKUP = 12
    """Backups are asked for and cannot be made as the settings say."""
    NO_DASHBOARDS = 13
    """Superset's environment is missing, or Superset cannot read what the dashboards are made of."""
    NO_STORE = 14
    """The store for landed files does not answer, or does not let the hub in."""


class RunProblem(RuntimeError):
    """Why a hub cannot start or stop; ``outcome`` is the exit code, the message says what to do."""

    def __init__(self, outcome: Outcome, message: str) -> None:
        super().__init__(message)
        self.outcome = outcome

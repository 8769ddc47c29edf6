"""Who looks at the page, and what they may start in Airflow."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request


@dataclass(frozen=True)
class Reader:
    """Somebody who is logged in and may look. ``may_decide``: may ask for a release, and so may look at single rows in
    quarantine (rule, reason, place and the form of values, never a value) and at error files."""

    name: str
    may_decide: bool


class NotStarted(Exception):
    """A run that Airflow did not start; the message says why and repeats nothing of what was asked for."""


type StartRun = Callable[[Request, str, Mapping[str, Any]], Awaitable[str]]
"""Starts a run of a DAG with these parameters as the person of a request, and gives the id of the run. Raises
HTTPException with 401 or 403 where that person may not, and :class:`NotStarted`."""

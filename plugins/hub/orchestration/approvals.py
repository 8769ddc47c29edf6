"""What people were asked in a DAG run and what they answered: who asked, about what, who answered, what they chose.

Rows are only added. A question is kept with what it is about before it is shown, and an answer belongs to one question:
what is carried out is what the person saw, whatever became of the run meanwhile.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from hub.orchestration.tables import APPROVALS, QUESTIONS
from hub.warehouse.tables import ALERTS

if TYPE_CHECKING:
    from hub.monitoring.watch import Cause


class NotAnswered(LookupError):
    """No question, or no answer to it, is known to the hub; the message says what to do."""


@dataclass(frozen=True)
class Question:
    """One question, under an id of the try of Airflow's task. ``asked_by`` is the person who started the run, None
    where an asset or the clock did; ``about`` is what is decided: ids and reasons, no values."""

    question_id: uuid.UUID
    dag_id: str
    run_id: str
    asked_by: str | None
    about: Mapping[str, Any]


@dataclass(frozen=True)
class Approval:
    """The answer to a question; ``inputs`` are the values of the form beside the chosen option."""

    question: Question
    answered_by: str
    answered_at: datetime
    chosen: str
    inputs: Mapping[str, Any]


def question_id_of(task_instance_id: uuid.UUID, try_number: int) -> uuid.UUID:
    """Of the try: Airflow asks again under the same task instance where it takes an early answer for a failure."""
    return uuid.uuid5(task_instance_id, str(try_number))


def alert_of(question_id: uuid.UUID, dag_id: str) -> "Cause":
    """That a question waits for its answer. The name of its run is not told: people may choose one."""
    # Here and not above: it brings the database with it, which no parse of a DAG file should pay for.
    from hub.monitoring.watch import HUB_OWNER, Cause  # noqa: PLC0415

    return Cause(alert_key(question_id), "approval", HUB_OWNER, f"a run of {dag_id} waits for an answer")


def alert_key(question_id: uuid.UUID | str) -> str:
    """The key of that alert."""
    return f"approval:{question_id}"


def keep_question(connection: sa.Connection, question: Question) -> None:
    """Write a question down, once, and open its alert. Raises :class:`NotAnswered` where the same try of a task has
    asked about something else before."""
    from hub.monitoring.watch import open_alert  # noqa: PLC0415

    kept = _latest(connection, QUESTIONS.c.question_id == question.question_id)
    if kept is None:
        values = vars(question) | {"about": dict(question.about)}
        connection.execute(sa.insert(QUESTIONS).values(values))
        open_alert(connection, alert_of(question.question_id, question.dag_id), datetime.now(UTC))
    elif kept != question:
        raise NotAnswered("what is asked about has changed meanwhile; clear this task to ask again")


def question(connection: sa.Connection, question_id: uuid.UUID) -> Question:
    """A question by its id. Raises :class:`NotAnswered` where there is none."""
    found = _latest(connection, QUESTIONS.c.question_id == question_id)
    if found is None:
        raise NotAnswered("the hub did not put this question; clear its task to ask again")
    return found


def keep(connection: sa.Connection, approval: Approval) -> None:
    """Write an answer down, and close the alert of its question."""
    from hub.monitoring.watch import close_alert  # noqa: PLC0415

    asked = approval.question
    values = {name: getattr(asked, name) for name in ("question_id", "dag_id", "run_id", "asked_by")}
    values |= {name: getattr(approval, name) for name in ("answered_by", "answered_at", "chosen")}
    connection.execute(sa.insert(APPROVALS).values(values | {"inputs": dict(approval.inputs)}))
    close_alert(connection, alert_key(asked.question_id), datetime.now(UTC))


def of_run(connection: sa.Connection, dag_id: str, run_id: str) -> Approval:
    """The answer to the latest question of a run. Raises :class:`NotAnswered`."""
    asked = _latest(connection, QUESTIONS.c.dag_id == dag_id, QUESTIONS.c.run_id == run_id)
    columns = (APPROVALS.c.answered_by, APPROVALS.c.answered_at, APPROVALS.c.chosen, APPROVALS.c.inputs)
    row = None
    if asked is not None:
        query = sa.select(*columns).where(APPROVALS.c.question_id == asked.question_id)
        row = connection.execute(query).mappings().one_or_none()
    if asked is None or row is None:
        raise NotAnswered(f"nobody has answered the run {run_id} of {dag_id}")
    return Approval(asked, **row)


def asked_about(connection: sa.Connection, dag_id: str, *, but_for: str | None = None) -> list[Mapping[str, Any]]:
    """What the questions of a DAG were about that somebody has answered or can still answer, but for those of one run:
    that run may put its question again."""
    is_answered = sa.exists().where(APPROVALS.c.question_id == QUESTIONS.c.question_id)
    query = sa.select(QUESTIONS.c.about).where(_of_others(dag_id, but_for), sa.or_(is_answered, _is_waiting()))
    return list(connection.execute(query).scalars())


def count_waiting_runs(connection: sa.Connection, dag_id: str, *, but_for: str | None = None) -> int:
    """How many runs of a DAG wait for an answer, but for one."""
    runs = sa.func.count(QUESTIONS.c.run_id.distinct())
    return int(connection.scalar(sa.select(runs).where(_of_others(dag_id, but_for), _is_waiting())) or 0)


def _of_others(dag_id: str, but_for: str | None) -> sa.ColumnElement[bool]:
    return sa.and_(QUESTIONS.c.dag_id == dag_id, QUESTIONS.c.run_id.is_distinct_from(but_for))


def _is_waiting() -> sa.ColumnElement[bool]:
    """The alert of a question is closed by its answer, and by the watch once its run was ended or deleted."""
    key = sa.literal(alert_key("")) + sa.cast(QUESTIONS.c.question_id, sa.Text)
    return sa.exists().where(ALERTS.c.cause == key, ALERTS.c.closed_at.is_(None))


def _latest(connection: sa.Connection, *wanted: sa.ColumnElement[bool]) -> Question | None:
    columns = [column for column in QUESTIONS.columns if column.name != "asked_at"]
    query = sa.select(*columns).where(*wanted).order_by(QUESTIONS.c.asked_at.desc()).limit(1)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Question(**row)

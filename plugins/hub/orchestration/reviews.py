"""What a person is asked about data that has been kept for long, and carrying out the answer.

Plain functions, imported inside tasks only. Nothing here shows a value of anybody.
"""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from hub.contracts.model import read_catalogue
from hub.orchestration.airflow_environment import open_metadata
from hub.privacy.asked_for import ErasureRefused
from hub.privacy.erasure import erase_person
from hub.privacy.retention import DueReview, due_reviews, note_erased, note_kept
from hub.privacy.vault_erasure import unfinished_erasures
from hub.settings import Settings
from hub.vault import audit
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

ASKED_AT_ONCE = 50


@dataclass
class Reviewed:
    """What became of an answer: how many persons were kept or erased, and why some could not be (``{id: reason}``)."""

    kept: int = 0
    erased: int = 0
    not_carried_out: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def find_due(settings: Settings, today: date | None = None) -> list[str]:
    """Ids of the persons whose review is due, the longest overdue first."""
    with begin(open_warehouse(settings, Role.OWNER)) as connection:
        return [str(one.person_id) for one in due_reviews(connection, _day(today), limit=ASKED_AT_ONCE)]


def describe(settings: Settings, person_ids: Sequence[str], today: date | None = None) -> str:
    """Who is due, as Markdown for the person who decides."""
    rows = [
        f"| {one.person_id} | {one.retention_group} | {one.last_named_on} | {one.due_on} |"
        for one in _due(settings, person_ids, today)
    ]
    heading = f"**{len(rows)} person(s) due for review**\n\n| person | group | last named | due |\n|---|---|---|---|"
    return "\n".join([heading, *rows])


def carry_out(
    settings: Settings,
    person_ids: Sequence[str],
    *,
    is_keep: bool,
    because: str,
    decided_by: str,
    today: date | None = None,
) -> Reviewed:
    """Keep or erase each; who was decided about before is no longer due and left alone, but that an erasure which was
    cut short is finished. One that cannot be erased leaves the others alone."""
    engine, catalogue = open_warehouse(settings, Role.OWNER), read_catalogue(settings.expectations)
    airflow, done = open_metadata(settings), Reviewed()
    due = _due(settings, person_ids, today)
    if is_keep:
        for one in due:
            with begin(engine) as connection:
                note_kept(connection, one, _day(today), because=because, decided_by=decided_by)
                details = {"person_id": str(one.person_id), "retention_group": one.retention_group}
                audit.append(settings, audit.Entry(decided_by, "retention review: keep", because, details))
        return replace(done, kept=len(due))
    # An erasure that was cut short is known by its id alone: nothing says any more that the person is due.
    with begin(engine) as connection:
        cut_short = unfinished_erasures(connection, set(person_ids) - {str(one.person_id) for one in due})
    to_note = {
        str(one.person_id): partial(note_erased, review=one, because=because, decided_by=decided_by) for one in due
    }
    for person in [*to_note, *cut_short]:
        try:
            erase_person(
                settings,
                engine,
                catalogue,
                person,
                because=f"review: {because}",
                decided_by=decided_by,
                airflow=airflow,
                noting=to_note.get(person),
            )
        except (ErasureRefused, LookupError) as refusal:
            done.not_carried_out[person] = str(refusal)
            continue
        done.erased += 1
    return done


def _due(settings: Settings, person_ids: Sequence[str], today: date | None) -> list[DueReview]:
    wanted = {uuid.UUID(one) for one in person_ids}
    with begin(open_warehouse(settings, Role.OWNER)) as connection:
        every = due_reviews(connection, _day(today), limit=len(wanted) + ASKED_AT_ONCE)
    return [one for one in every if one.person_id in wanted]


def _day(today: date | None) -> date:
    return today or datetime.now(UTC).date()

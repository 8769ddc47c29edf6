"""What a second person is asked about others' texts that name an erased person, and carrying out the answer.

Plain functions, imported inside tasks only. Nothing here shows a text: what Airflow shows stays in its database.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from hub.contracts.model import read_catalogue
from hub.orchestration.answers import NothingToDecide
from hub.privacy.mask_mentions import MaskingRefused, decide_mentions
from hub.privacy.text_mentions import OPEN, ListedMention, read_mentions
from hub.settings import Settings
from hub.warehouse.engine import begin, open_warehouse
from hub.warehouse.roles import Role

MENTIONS_SHOWN = 50


def describe(settings: Settings, erasure_id: str) -> tuple[dict[str, Any], str]:
    """What waits for a decision: as the arguments of :func:`carry_out`, and as Markdown. Raises
    :class:`NothingToDecide`."""
    with begin(open_warehouse(settings, Role.OWNER)) as connection:
        waiting = [one for one in read_mentions(connection, uuid.UUID(erasure_id)) if one.state == OPEN]
    if not waiting:
        raise NothingToDecide(f"no text that names the person of erasure {erasure_id} waits for a decision")
    more = [f"\n… and {len(waiting) - MENTIONS_SHOWN} more."] if len(waiting) > MENTIONS_SHOWN else []
    text = "\n".join(
        [
            f"**{len(waiting)} text(s)** of others name the person of erasure {erasure_id}. `hub person mentions"
            f" {erasure_id}` on the hub's machine shows each with the words to be masked.\n",
            "| number | feed | delivery | row | column | named by |\n|---|---|---|---|---|---|",
            *map(_line, waiting[:MENTIONS_SHOWN]),
            *more,
        ]
    )
    return {"erasure_id": erasure_id, "numbers": [one.number for one in waiting]}, text


def carry_out(
    settings: Settings, erasure_id: str, numbers: Sequence[int], *, leave: Sequence[int], decided_by: str
) -> dict[str, Any]:
    """Mask these mentions but those to leave. Returns where the certificate is and what it says; decided before, they
    stay so. Raises :class:`NothingToDecide` where ``leave`` names others."""
    engine, catalogue = open_warehouse(settings, Role.OWNER), read_catalogue(settings.expectations)
    if unknown := sorted(set(leave) - set(numbers)):
        raise NothingToDecide(f"no mention {', '.join(map(str, unknown))} was asked about")
    with begin(engine) as connection:
        waiting = {one.number for one in read_mentions(connection, uuid.UUID(erasure_id)) if one.state == OPEN}
    try:
        certificate, path = decide_mentions(
            settings, engine, catalogue, uuid.UUID(erasure_id), leave=set(leave) & waiting, by=decided_by
        )
    except (MaskingRefused, LookupError) as refusal:
        raise NothingToDecide(str(refusal)) from refusal
    return {"certificate": str(path), "nothing_is_left": certificate.nothing_is_left}


def _line(one: ListedMention) -> str:
    mention = one.mention
    cells = (one.number, mention.feed, mention.delivery_id, mention.row_number, mention.column, mention.kinds)
    return f"| {' | '.join(map(str, cells))} |"

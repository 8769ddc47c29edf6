"""Whose answers a file holds: what lies in the folder of one recipient may answer for that recipient alone."""

from pathlib import Path

import pyarrow.compute as pc

from hub.contracts.model import read_catalogue
from hub.deliveries import DeliveryRefused
from hub.dispatch.answers import FEEDS
from hub.dispatch.recipients import Recipient
from hub.ingest.readers import read_chunks
from hub.settings import Settings

ANSWERED_BY = {"force_responses": "force_code", "provider_responses": "provider_code"}
"""The column that says who answers, by feed."""


def answers_for_others(settings: Settings, recipient: Recipient, path: Path) -> bool:
    """Whether a file has an answer of a target that is none of the recipient's. One that cannot be read has none:
    ingest refuses it as a whole."""
    feed = FEEDS[recipient.kind]
    contract = read_catalogue(settings.expectations).contracts[feed]
    own = {claim.target_code for claim in recipient.claims}
    found: set[str | None] = set()
    try:
        with path.open("rb") as file:
            for chunk in read_chunks(settings, contract, file, []):
                found.update(pc.unique(chunk.rows[ANSWERED_BY[feed]]).to_pylist())
    except DeliveryRefused:
        return False
    return any(code is not None and code.strip() not in own for code in found)

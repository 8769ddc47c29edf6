"""What a second person is asked about an erasure, and carrying it out.

Plain functions, imported inside tasks only. A person is named by their id alone.
"""

from typing import Any

from hub.contracts.model import read_catalogue
from hub.orchestration.airflow_environment import open_metadata
from hub.orchestration.answers import NothingToDecide
from hub.privacy.asked_for import ErasureRefused, count_records
from hub.privacy.erasure import erase_person
from hub.privacy.text_mentions import TEXTS
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role


def describe(settings: Settings, person: str, because: str) -> str:
    """How many records of each feed are about the person, as Markdown. Raises :class:`NothingToDecide`."""
    engine, catalogue = open_warehouse(settings, Role.OWNER), read_catalogue(settings.expectations)
    try:
        records = count_records(settings, engine, catalogue, person)
    except (ErasureRefused, LookupError) as refusal:
        raise NothingToDecide(str(refusal)) from refusal
    rows = [f"| {feed} | {count:,} |" for feed, count in records.items()]
    return "\n".join(
        [
            f"**Person** {person} is to be erased for good, because: {because}\n",
            "| feed | records about the person |\n|---|---|",
            *rows,
            "\nRecords and files that name the person by the same values are looked for and erased with them.",
        ]
    )


def carry_out(settings: Settings, person: str, *, because: str, decided_by: str) -> dict[str, Any]:
    """Erase the person; to erase again changes nothing. Returns where the certificate is, and in short what it says:
    whether anything but texts that wait for a person is left, and whether the published counts are as they were. Raises
    :class:`NothingToDecide`."""
    engine, catalogue = open_warehouse(settings, Role.OWNER), read_catalogue(settings.expectations)
    try:
        certificate, path = erase_person(
            settings,
            engine,
            catalogue,
            person,
            because=because,
            decided_by=decided_by,
            airflow=open_metadata(settings),
        )
    except (ErasureRefused, LookupError) as refusal:
        raise NothingToDecide(str(refusal)) from refusal
    stores = certificate.stores
    return {
        "erasure_id": certificate.erasure_id,
        "certificate": str(path),
        "texts_waiting": sum(one.left for one in stores if one.store == TEXTS),
        "nothing_else_is_left": bool(stores)
        and not any(one.left or one.not_searched for one in stores if one.store != TEXTS),
        "counts_are_kept": certificate.counts_are_kept,
    }

"""Which column of the file is which column of the contract; wrong or missing columns refuse the delivery."""

from collections.abc import Sequence
from dataclasses import dataclass

from hub.contracts.model import Contract
from hub.deliveries import DeliveryRefused
from hub.ingest.readers.header_hints import other_names

MAX_NAMES_SHOWN = 5
MOST_COLUMNS = 4_096
"""Far more than a file of any feed has, and few enough to compare each with all others."""


@dataclass(frozen=True)
class HeaderMap:
    """``position`` gives for each contract column the index of its header in the file, or None where the column is
    absent. ``collected`` gives for a column of the contract that takes all headers of a pattern, such as one for each
    month, these headers with their indexes. ``width`` is the number of headers."""

    position: dict[str, int | None]
    collected: dict[str, tuple[tuple[str, int], ...]]
    width: int


def map_headers(contract: Contract, headers: Sequence[str]) -> HeaderMap:
    """Match headers to the contract by name; blanks around it and a byte order mark do not count.

    Raises :class:`DeliveryRefused` for a header that is there twice, one that the contract does not know, one that is
    missing and may not be, and for more than ``MOST_COLUMNS`` of them.
    """
    if len(headers) > MOST_COLUMNS:
        raise DeliveryRefused(f"the file has {len(headers)} columns; it may have {MOST_COLUMNS}")
    cleaned = [header.removeprefix("\ufeff").strip() for header in headers]
    if repeated := [index + 1 for index, name in enumerate(cleaned) if name in cleaned[:index]]:
        raise DeliveryRefused(f"the name of column {repeated[0]} stands there twice")
    places = {name: index for index, name in enumerate(cleaned)}
    position: dict[str, int | None] = {}
    collected: dict[str, tuple[tuple[str, int], ...]] = {}
    missing = []
    for column in contract.columns:
        if column.collected is not None:
            found = tuple((name, places.pop(name)) for name in cleaned if column.collected.gathers(name))
            collected[column.name] = found
            if not found:
                missing.append(column.headers[0])
            continue
        header = next((name for name in column.headers if name in places), None)
        position[column.name] = places.pop(header) if header is not None else None
        if header is None and not column.may_be_absent:
            missing.append(column.headers[0])
    if missing:
        more = f" and {len(missing) - MAX_NAMES_SHOWN} more" if len(missing) > MAX_NAMES_SHOWN else ""
        names = ", ".join(missing[:MAX_NAMES_SHOWN])
        said = f"columns {names}{more} are missing" if len(missing) > 1 else f"column {names} is missing"
        raise DeliveryRefused(said + other_names(missing[:MAX_NAMES_SHOWN], places))
    if places:
        # By number, not by name: where a file has no header row, these are values of its first record.
        shown = ", ".join(str(place + 1) for place in sorted(places.values())[:MAX_NAMES_SHOWN])
        raise DeliveryRefused(f"{len(places)} of {len(cleaned)} columns are not in the contract: place {shown}")
    return HeaderMap(position, collected, len(cleaned))

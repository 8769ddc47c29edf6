"""What the record of the last drill says, for the watch over the hub: without the code that drills."""

import json
from dataclasses import dataclass
from datetime import datetime

from hub.backup.places import Places, as_instant


@dataclass(frozen=True)
class LastDrill:
    """What the record of a drill says: when it was, and what was wrong."""

    at: datetime
    problems: list[str]


def last_drill(places: Places) -> LastDrill | None:
    """The last drill; None before the first."""
    path = max(places.drills.glob("*.json"), default=None)
    if path is None:
        return None
    record = json.loads(path.read_text(encoding="utf-8"))
    return LastDrill(as_instant(record["at"]), list(record["problems"]))

"""What people in the samples are told: a new hub shows it, and nothing of it leaves."""

import re
from datetime import date

from hub.settings import Settings

TEXT = """\
# Written with the samples: people in them are told what became of their reports, and nothing of it leaves the hub.
# docs/updates.md says how to tell people who exist.
since: {since}
simulated: true
by_rule: [received, passed_on, outcome]
help: |
  Victim Support, free and at any hour: 08 08 16 89 111
"""


def tell_people_of_samples(settings: Settings, since: date) -> None:
    """Write ``updates.yaml`` where the operator has none."""
    if not settings.updates.exists():
        settings.updates.write_text(TEXT.format(since=since), encoding="utf-8")


def forget_people_of_samples(settings: Settings) -> None:
    """Remove it where it is as it was written."""
    if settings.updates.exists():
        before, after = TEXT.split("{since}")
        text = settings.updates.read_text(encoding="utf-8", errors="replace")
        if re.fullmatch(rf"{re.escape(before)}[0-9-]{{10}}{re.escape(after)}", text):
            settings.updates.unlink()

"""Who looks at the page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reader:
    """Somebody who is logged in and may look. ``may_decide``: may ask for a release, and so may look at single rows in
    quarantine (rule, reason and place, never a value) and at error files."""

    name: str
    may_decide: bool

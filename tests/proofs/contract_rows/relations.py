"""What feeds have in common: references, people, addresses of posts and areas are drawn from one pool.

So a response meets a report that exists as often as one that does not, an event may lie before its report, and one
crime reference may be in several feeds.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from random import Random

from proofs.contract_rows.reading import FeedContract, Field

REFERENCES = "reference"
SHARED = 0.6
"""How often a value is taken from the pool."""
KINDS = {
    "report_ref": REFERENCES,
    "case_ref": REFERENCES,
    "hub_reference": REFERENCES,
    "incident_ref": REFERENCES,
    "crime_reference": "crime",
    "uuid": "statement",
    "statement_uuid": "statement",
    "crime_id": "crime_id",
    "allocation_ref": "allocation",
    "content_url": "address",
    "client_ref": "client",
    "respondent_ref": "client",
    "offence_lsoa_code": "area",
    "lsoa_code": "area",
}
PEOPLE = re.compile(r"^(?:victim|reporter)_(name|email|phone|date_of_birth|postcode)$")


@dataclass
class Pool:
    """What has been drawn so far, by what it names."""

    values: dict[str, list[str]] = field(
        default_factory=lambda: defaultdict(list, {"allocation": [f"AL-{number:08d}" for number in range(1, 30)]})
    )
    keys: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def pick(self, rng: Random, feed: str, column: Field) -> str | None:
        """A value that another row of any feed has, if it is one that this column may hold; else nothing."""
        if column.is_key and column.unique:
            # A key that the same feed has sent before makes a correction; a new one else.
            known = self.keys[feed]
            return rng.choice(known) if known and rng.random() < 0.3 else None
        known = self.values[_kind(column.name)]
        if not known or rng.random() > SHARED:
            return None
        found = rng.choice(known)
        longest = int(column.options.get("maxLength", len(found)))
        pattern = column.pattern
        return found if len(found) <= longest and (pattern is None or re.search(pattern, found)) else None

    def remember(self, contract: FeedContract, rows: Iterable[Mapping[str, str | None]]) -> None:
        """Rows that have been drawn, for those that come; later deliveries may correct them."""
        key = next((column.name for column in contract.fields if column.is_key and column.unique), None)
        for row in rows:
            for name, value in row.items():
                kind = _kind(name)
                if value is not None and kind:
                    self.values[kind].append(value)
                if value is not None and name == key:
                    self.keys[contract.feed].append(value)


def _kind(name: str) -> str:
    person = PEOPLE.match(name)
    return f"person {person[1]}" if person else KINDS.get(name, "")

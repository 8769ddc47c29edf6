"""How the places that two reports name compare: the finest one that both name."""

from hub.linkage.incidents.statements import ReportRecord

COMMON_WORDS = frozenset(
    {"council", "city", "of", "borough", "the", "and", "county", "area", "district", "royal", "metropolitan", "lb",
     "town", "on", "london", "england", "wales", "uk"}
)  # fmt: skip
"""Words that are written beside the name of a place."""
WIDER = frozenset({"london", "greater", "england", "wales", "scotland", "uk"})
"""Who says no more names no borough."""
PARTS = frozenset({"north", "south", "east", "west", "mid"})
"""Of two names that differ by one of these the one is no short form of the other: Somerset and North Somerset."""


def compare_places(first: ReportRecord, second: ReportRecord) -> str | None:
    """How the places of two reports compare; None where they name none of one kind."""
    for name, mine, other in (
        ("small area", first.area, second.area),
        ("postcode district", first.district, second.district),
    ):
        if mine is not None and other is not None:
            return f"the same {name}" if mine == other else f"another {name}"
    if first.borough is not None and second.borough is not None:
        return _boroughs(first.borough, second.borough)
    if first.force is not None and second.force is not None:
        return "the same force" if first.force == second.force else "another force"
    return None


def _boroughs(first: str, second: str) -> str | None:
    """How two names in plain words compare; None where one is too little to tell."""
    mine, other = set(first.split()), set(second.split())
    if mine <= WIDER or other <= WIDER:
        return None
    # Nothing is left of "City of London" but words that are written beside other names.
    mine, other = mine - COMMON_WORDS or mine, other - COMMON_WORDS or other
    if mine == other:
        return "the same borough"
    if mine < other or other < mine:
        return None if (mine ^ other) & PARTS else "the same borough"
    return "another borough"

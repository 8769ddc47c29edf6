"""Street-level crime and its outcomes in the form of data.police.uk, a file a month; hate is not marked in them."""

import numpy as np
import pyarrow as pa

from hub.simulate.cells import Mask, Numbers, constant, either, joined, only_where, pick, random_hex
from hub.simulate.dirt import Dirt, soil
from hub.simulate.places import Places
from hub.simulate.plan import Plan
from hub.simulate.rows import FeedRows, Truth, clean_rows

ROWS_A_MONTH = 300
MONTHS_SHARE = 0.1
"""So many rows a month for each report, where that is more."""
FORCE, SLUG = "City of London Police", "city-of-london"
ASB = "Anti-social behaviour"
CRIME_TYPES = (
    "Other theft", "Violence and sexual offences", "Theft from the person", "Shoplifting", "Public order", "Drugs",
    "Criminal damage and arson", "Burglary", ASB, "Bicycle theft", "Robbery", "Other crime", "Vehicle crime",
    "Possession of weapons",
)  # fmt: skip
CRIME_SHARE = np.array([21, 17, 15, 14, 7, 6, 4, 4, 4, 3, 2, 1, 1, 1]) / 100
OUTCOMES = (
    "Investigation complete; no suspect identified", "Unable to prosecute suspect", "Suspect charged",
    "Offender given a caution", "Local resolution", "Formal action is not in the public interest",
    "Offender sent to prison", "Offender fined",
)  # fmt: skip
STREETS = ("Sample Street", "Example Lane", "Model Row", "Pattern Yard", "Supermarket", "Police Station", "")
STREET_DIRT = (
    Dirt("crime_id.given", {"crime_id": None, "crime_type": "Robbery", "last_outcome_category": None}),
    Dirt("month.type", {"month": "10/2026"}),
    Dirt("latitude.range", {"latitude": "0.0", "longitude": "0.0"}),
    Dirt("lsoa_code.format", {"lsoa_code": "City of London 001F", "lsoa_name": "E01032739"}),
    Dirt("crime_type.known", {"crime_type": "Violent crime"}),
    Dirt("last_outcome_category.known", {"last_outcome_category": "NULL", "crime_type": "Robbery",
         "crime_id": "0" * 64}),
    Dirt("reported_by.known", {"reported_by": "City Police"}),
    Dirt("row.cells"),
)  # fmt: skip
OUTCOME_DIRT = (
    Dirt("crime_id.required", {"crime_id": None}),
    Dirt("outcome_type.known", {"outcome_type": "Forgotten"}),
    Dirt("month.required", {"month": None}),
    Dirt("longitude.paired", {"longitude": None, "latitude": "51.515142"}),
    Dirt("row.cells"),
)


def street_rows(plan: Plan, places: Places) -> tuple[FeedRows, FeedRows]:
    """The street files and the outcomes files; every outcome is of a crime in the street file of its month."""
    chance = plan.chance("police_uk")
    a_month = max(ROWS_A_MONTH, round(plan.reports * MONTHS_SHARE / len(plan.months)))
    count = a_month * len(plan.months)
    file = np.repeat(np.arange(len(plan.months)), a_month)
    crime = chance.choice(len(CRIME_TYPES), size=count, p=CRIME_SHARE)
    is_asb = crime == CRIME_TYPES.index(ASB)
    has_outcome = ~is_asb & (chance.random(count) < 0.6)
    outcome = pick(OUTCOMES, chance.integers(0, len(OUTCOMES), count))
    shared = _shared(plan, places, chance, file, is_asb)
    latest = only_where(~is_asb, either(has_outcome, outcome, "Under investigation"))
    cells = {
        **shared,
        "crime_type": pick(CRIME_TYPES, crime),
        "last_outcome_category": latest,
        "context": constant(None, count),
    }
    names = [f"{month:%Y-%m}-{SLUG}" for month in plan.months]
    streets = clean_rows("police_uk_street", cells, [f"{name}-street.csv" for name in names], file, Truth.none(count))
    closed = pa.array(np.flatnonzero(has_outcome))
    outcomes = clean_rows(
        "police_uk_outcomes",
        {
            **{name: values.take(closed) for name, values in shared.items()},
            "outcome_type": outcome.take(closed),
        },
        [f"{name}-outcomes.csv" for name in names],
        file[has_outcome],
        Truth.none(int(has_outcome.sum())),
    )
    return soil(streets, STREET_DIRT, chance), soil(outcomes, OUTCOME_DIRT, chance)


def _shared(
    plan: Plan, places: Places, chance: np.random.Generator, file: Numbers, is_asb: Mask
) -> dict[str, pa.Array]:
    """The nine columns that both files begin with. A tenth of the rows has no place."""
    count = len(file)
    located = chance.random(count) < 0.91
    city = places.lad_names.index("City of London")
    at = np.where(located, city, -1)
    number = chance.integers(0, 60, count)
    snapped = pick([f"{-0.07 - step * 0.0007:.6f}" for step in range(60)], np.where(located, number, -1))
    latitude = pick([f"{51.51 + step * 0.0002:.6f}" for step in range(60)], np.where(located, number, -1))
    lsoa = places.lsoa_of(at, number)
    letters = pick([f"City of London 001{letter}" for letter in "ABCDEFG"], np.where(located, number % 7, -1))
    street = pick(STREETS, number % len(STREETS))
    # Anti-social behaviour is published without an identifier, so that some rows equal others to the letter.
    return {
        "crime_id": only_where(~is_asb, random_hex(chance, count, 64)),
        "month": pick([f"{month:%Y-%m}" for month in plan.months], file),
        "reported_by": constant(FORCE, count),
        "falls_within": constant(FORCE, count),
        "longitude": snapped,
        "latitude": latitude,
        "location": either(located, joined("On or near ", street), "No Location"),
        "lsoa_code": lsoa,
        "lsoa_name": letters,
    }

"""Places of the United Kingdom in which simulated incidents happen.

``places.csv`` is made of facts: local authorities, their forces and areas from the Office for National Statistics (Open
Government Licence v3.0), postcode districts from gibbs/uk-postcodes (CC0). All London boroughs, and one large authority
of each other force. ``weight`` is how much of the hub's work comes from there.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from hub.simulate.cells import TEXT, Numbers, joined, pick_from

ABROAD = "ABROAD"
UNUSED_LETTERS = "CIKMOV"
"""No postcode of the United Kingdom ends in these letters, so one that does is nobody's."""


@dataclass(frozen=True)
class Places:
    """One value per place in each column; ``districts`` and ``lsoa_codes`` hold several, ``force`` is an index into
    ``forces``."""

    lad_codes: list[str]
    lad_names: list[str]
    force: Numbers
    forces: list[str]
    share: np.ndarray
    districts: list[list[str]]
    lsoa_codes: list[list[str]]

    @property
    def abroad(self) -> int:
        """The index of the force that stands for every police force abroad."""
        return self.forces.index(ABROAD)

    def draw(self, chance: np.random.Generator, count: int) -> Numbers:
        """Draw ``count`` places by weight."""
        return chance.choice(len(self.share), size=count, p=self.share)

    def district_of(self, places: Numbers, choice: Numbers) -> pa.Array:
        """A postcode district of each place; equal numbers in ``choice`` give equal districts."""
        return _nth(self.districts, places, choice)

    def lsoa_of(self, places: Numbers, choice: Numbers) -> pa.Array:
        """A lower layer super output area (or Data Zone) of each place."""
        return _nth(self.lsoa_codes, places, choice)

    def postcode_of(self, places: Numbers, choice: Numbers) -> pa.Array:
        """A plausible postcode that does not exist."""
        # Other digits of the number than those that choose the district.
        letters = pa.array([first + second for first in UNUSED_LETTERS for second in UNUSED_LETTERS], TEXT)
        digit = pa.array((choice // 7 % 10).astype(np.int64)).cast(TEXT)
        return joined(self.district_of(places, choice), " ", digit, pick_from(letters, choice // 70 % len(letters)))


def read_places() -> Places:
    """The places of ``places.csv``."""
    with Path(__file__).with_name("places.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    forces = sorted({row["force_code"] for row in rows} | {ABROAD})
    weights = np.array([int(row["weight"]) for row in rows], dtype=float)
    return Places(
        lad_codes=[row["lad_code"] for row in rows],
        lad_names=[row["lad_name"] for row in rows],
        force=np.array([forces.index(row["force_code"]) for row in rows]),
        forces=forces,
        share=weights / weights.sum(),
        districts=[row["districts"].split("|") for row in rows],
        lsoa_codes=[row["lsoa_codes"].split("|") for row in rows],
    )


def _nth(lists: list[list[str]], places: Numbers, choice: Numbers) -> pa.Array:
    """One value of each place's list, chosen by ``choice`` modulo its length; null for place -1."""
    lengths = np.array([len(values) for values in lists])
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    flat = pa.array([value for values in lists for value in values], TEXT)
    safe = np.maximum(places, 0)
    return pick_from(flat, np.where(places < 0, -1, starts[safe] + choice % lengths[safe]))

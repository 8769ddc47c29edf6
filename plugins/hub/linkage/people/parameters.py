"""The parameter file: what a linkage of persons rests on, trained apart and kept in the checkout.

Scores come from this file and the two identity records alone, never from what else has arrived, so any order of arrival
gives the same persons.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("models")
CURRENT = FOLDER / "people_v5.json"


@dataclass(frozen=True)
class NameShares:
    """How common names are: the share of persons who bear each common name, and that which every other name counts
    for. Only names of many persons are listed; a rare name would point to somebody."""

    common: Mapping[str, float]
    other: float


@dataclass(frozen=True)
class Parameters:
    """``confirmed``, ``review`` and ``likely`` are probabilities: two are one person; somebody is asked about a pair; a
    pair is kept, and holds together those who are decided together. ``max_holders`` identity records share a blocking
    key at most, or the key tells nothing; ``model`` is in splink's own form."""

    version: str
    trained_on: str
    confirmed: float
    likely: float
    review: float
    max_holders: int
    first_names: NameShares
    surnames: NameShares
    model: Mapping[str, Any]
    digest: str


class ParametersRefused(ValueError):
    """The parameter file cannot be used; the message says why."""


def read_parameters(path: Path = CURRENT) -> Parameters:
    """Read a parameter file. Raises :class:`ParametersRefused`."""
    try:
        content = path.read_bytes()
        document = json.loads(content)
        parameters = Parameters(
            version=document["version"],
            trained_on=document["trained_on"]["note"],
            confirmed=document["thresholds"]["confirmed"],
            likely=document["thresholds"]["likely"],
            review=document["thresholds"]["review"],
            max_holders=document["max_holders"],
            first_names=NameShares(**document["name_shares"]["first_name"]),
            surnames=NameShares(**document["name_shares"]["surname"]),
            model=document["model"],
            digest=hashlib.sha256(content).hexdigest()[:16],
        )
    except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ParametersRefused(f"{path.name} is no parameter file: {type(error).__name__} {error}") from error
    if not 0 < parameters.likely < parameters.review < parameters.confirmed < 1:
        raise ParametersRefused(f"{path.name}: the thresholds must be 0 < likely < review < confirmed < 1")
    return parameters

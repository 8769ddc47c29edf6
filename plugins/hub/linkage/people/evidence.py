"""What the weights of the fields say together: of two identity records, and of two groups of them.

A person has one name and one date of birth: among many mentions one that is wrong is outvoted, so these weigh by their
mean. A person has many addresses and numbers: the one that agrees best counts. Telephone and postcode tell of a home
and are nearly one piece of evidence. Who may be anybody of a home, by name, is never certain.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

type Weights = npt.NDArray[np.float64]
type Flags = npt.NDArray[np.bool_]

INITIAL = "initial"
"""The weight of a first name of which one is an initial is kept apart: it counts only where no full first name does."""
AVERAGED = ("first_name", "surname", "single_word", "birth_date")
SPELLED = ("first_name", "surname", "single_word")
"""Of these a person has several spellings: which of them is the nearest counts."""
PROOF = ("first_name", "birth_date")
"""Who differs in these is another person."""
BEST = ("email", "incident", "client")
HOME = ("phone", "postcode")
SHARED = ("email", *HOME)
"""What a family has in common: it does not tell which of them somebody is."""
WEIGHED = (*AVERAGED, INITIAL, *BEST, *HOME)
SECOND_OF_A_HOME = 0.3
"""What the weaker of two agreements of a home adds: who has the telephone mostly has the postcode, too."""
UNCERTAIN = 3.2
"""Match weight at most, where no more than a home and a surname or an initial agree: 0.9."""
DIFFERENT, UNLIKELY = -7.0, 2.0
"""Where given names or dates of birth weigh less than the first, the match weight is the second at most (0.8, nobody is
asked): a family shares all the rest, and may be attacked together."""


@dataclass(frozen=True)
class LevelWeights:
    """Match weight of each level by comparison and label, before the name's rarity."""

    by_label: Mapping[str, Mapping[str, float]]
    prior: float

    @classmethod
    def of(cls, model: Mapping[str, Any]) -> "LevelWeights":
        """Of a model in splink's own form."""
        prior = model["probability_two_random_records_match"]
        return cls(
            {
                comparison["output_column_name"]: {
                    level["label_for_charts"]: float(np.log2(level["m_probability"] / level["u_probability"]))
                    for level in comparison["comparison_levels"]
                    if not level.get("is_null_level")
                }
                for comparison in model["comparisons"]
            },
            float(np.log2(prior / (1 - prior))),
        )

    def reaches(self, weights: Mapping[str, Weights], field: str, label: str) -> Flags:
        """Where a field agrees at this level or better."""
        least = self.by_label[field][label]
        reached: Flags = (weights[field] >= least - 1e-6) & (weights[field] > 0)
        return reached


def may_be_certain(levels: LevelWeights, weights: Mapping[str, Weights]) -> Flags:
    """Where more agrees than a home and a surname or an initial: a given name; what is one person's own; an own mailbox
    with telephone, postcode or surname; an initial with two of mailbox, telephone and postcode; or where one reports of
    whom it is not said whether they are the victim, an own mailbox, a surname with the home, or the same single word.
    ``weights`` are those of the levels."""
    few = "agree, shared by a few"
    is_named = (weights["first_name"] > 0) | levels.reaches(weights, "single_word", "whole name in one word")
    is_own = (
        levels.reaches(weights, "email", "agree, an address of that name")
        | levels.reaches(weights, "birth_date", "typo")
        | levels.reaches(weights, "incident", "agree")
        | levels.reaches(weights, "client", "agree")
    )
    has_email = levels.reaches(weights, "email", "agree")
    has_phone, has_postcode = (levels.reaches(weights, field, few) for field in HOME)
    has_two = has_email & (has_phone | has_postcode)
    has_surname = (weights["surname"] > 0) | levels.reaches(weights, "single_word", "agree, a common name")
    is_same_word = levels.reaches(weights, "single_word", "the same single word")
    is_reporter = levels.reaches(weights, "incident", "may be") & (
        is_same_word | has_email | (has_surname & (has_phone | has_postcode))
    )
    shared = sum((levels.reaches(weights, field, few).astype(int) for field in SHARED), np.zeros(1, dtype=int))
    has_initial = (weights[INITIAL] > 0) & (shared > 1)
    certain: Flags = is_named | is_own | has_two | has_initial | is_reporter | (has_email & has_surname)
    return certain


def combined(levels: LevelWeights, weights: Mapping[str, Weights], is_certain: Flags) -> Weights:
    """The match weight that fields give together; ``weights`` by field, each a mean or the best of a group.
    ``is_certain``: where two of the groups may be one for certain; what the groups say together may be enough, too."""
    phone, postcode = (weights[field] for field in HOME)
    both = (phone > 0) & (postcode > 0)
    home = np.where(
        both,
        np.maximum(phone, postcode) + SECOND_OF_A_HOME * np.minimum(phone, postcode),
        phone + postcode,
    )
    first = np.where(weights["first_name"] == 0, weights[INITIAL], weights["first_name"])
    # Where full names are compared, a word of them tells nothing more.
    is_full = (first != 0) | (weights["surname"] != 0)
    single = np.where(is_full, 0.0, weights["single_word"])
    others = (single, *(weights[field] for field in ("surname", "birth_date", *BEST)))
    total: Weights = levels.prior + home + sum(others, first)
    certain = np.where(is_certain | may_be_certain(levels, weights), total, np.minimum(total, UNCERTAIN))
    are_different = (weights["first_name"] < DIFFERENT) | (weights["birth_date"] < DIFFERENT)
    limited: Weights = np.where(are_different, np.minimum(certain, UNLIKELY), certain)
    return limited


def probability_of(weights: Weights) -> Weights:
    """The probability of match weights (log 2 of the odds)."""
    probability: Weights = 1 / (1 + np.exp2(-weights))
    return probability

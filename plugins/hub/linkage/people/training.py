"""Train the parameter file on a warehouse: u from random pairs of different persons, m by expectation maximisation over
all identity records.

Never part of a run: a run reads the committed parameter file.
"""

import logging
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from splink import block_on

from hub.linkage.people import results, sources, store
from hub.linkage.people.comparable import FIELDS, make_comparable
from hub.linkage.people.comparisons import COMPARISONS, SHARED_BY_MANY
from hub.linkage.people.linking import find_changes, parts_of
from hub.linkage.people.parameters import NameShares
from hub.linkage.people.records import DISTINGUISHING, OF_IDENTITY, are_victims, of_appearances, with_incident
from hub.linkage.people.scoring import Scorer, scorer
from hub.linkage.people.usage import CONTACTS, count_users, with_users
from hub.settings import Settings
from hub.vault.reading import VaultReader

THRESHOLDS = {"confirmed": 0.95, "likely": 0.5, "review": 0.88}
MOST_ALIKE = 100
LEAST_SHARE, LEAST_RECORDS = 0.0005, 20
"""A name is listed as common from this share and this many identity records on: a rarer one could identify a person."""
OTHER_SHARES = {"first_name": 0.001, "surname": 0.0005}
"""Every other name counts as one that so many bear, however rare it is: a name alone is never enough."""
MOST_RANDOM_PAIRS = 5e6
PRIOR_MATCH = 4e-6
"""The chance that two identity records taken at random are one person. A fixed, careful value: the true one falls as
more people come, and a score must not depend on that."""
LIKELY: Mapping[tuple[str, str], float] = {
    ("incident", "agree"): 0.97,
    ("incident", "may be"): 0.17,
    ("client", "agree"): 0.99,
}
"""Match probability given only this field: both are victims of one incident; one is and the other may be; both are the
same client of one service. Set by hand: nearly all random pairs within an incident have the same victim."""
NEUTRAL_IF_DIFFERENT = ("incident", "client")
MIN_M, MIN_U = 0.02, 1e-5
MIN_M_DIFFERENT = {"email": 0.25, "phone": 0.2, "postcode": 0.2}
"""Lower bounds of m and u, so that no single field decides: people move, marry and change their telephone."""
BITS: Mapping[tuple[str, str], float] = {
    ("first_name", "order changed"): 8,
    ("first_name", "nickname, second name or another spelling"): 5,
    ("first_name", "typo"): 4,
    ("first_name", "initial"): 2,
    ("first_name", "another initial"): -12,
    ("first_name", "differ"): -30,
    ("surname", "order changed"): 8,
    ("surname", "part of a double name, or another spelling"): 7,
    ("surname", "typo"): 5,
    ("surname", "differ"): -4.5,
    ("single_word", "whole name in one word"): 14,
    ("single_word", "the same single word"): 9.5,
    ("single_word", "agree"): 9,
    ("single_word", "agree, a common name"): 5,
    ("single_word", "sounds alike"): 3,
    ("single_word", "differ"): -4,
    ("email", "agree, an address of that name"): 19,
    ("email", "agree"): 18,
    ("email", "agree, an address of a given name"): 16,
    ("birth_date", "agree"): 14.2,
    ("birth_date", "two slips, or another year"): -2,
    ("birth_date", "a generation apart"): -45,
    ("birth_date", "another year, the day not known"): -5,
    ("birth_date", "differ"): -18,
    ("postcode", "same sector"): 3,
    **{(contact, SHARED_BY_MANY): 0 for contact in CONTACTS},
}
"""Match weights that are set by hand: of what is too seldom to be learned, and of differences. A family shares surname,
home, telephone and at times the date of birth or the given name, so that one of these that differs in everything has to
outweigh all that they share."""
TRAINING_BLOCKS = (("birth_date", "surname"), ("email",), ("phone", "first_name"), ("postcode", "first_name"))
"""Each session compares pairs that share these fields, and learns m of the others."""


def train_people(settings: Settings, engine: sa.Engine, *, version: str, note: str, seed: int) -> Mapping[str, Any]:
    """Learn parameters from all mentions of a warehouse; ``note`` says what it holds. Returns the parameter document,
    and does not change the warehouse."""
    everybody = _everybody(engine, VaultReader(settings, "training of the linkage of persons"))
    one_each = _one_each(everybody)
    names = {name: _shares(one_each[name], other) for name, other in OTHER_SHARES.items()}
    shares = names["first_name"], names["surname"]
    with scorer(_untrained(), one_each, shares) as ready:
        _estimate_u(ready, seed)
        by_chance = ready.linker.misc.save_model_to_json()
    with scorer(by_chance, everybody, shares) as ready:
        _estimate_m(ready, everybody)
        model = _within_bounds(ready.linker.misc.save_model_to_json())
    return {
        "version": version,
        "trained_on": {
            "note": note,
            "identities": everybody.num_rows,
            "persons": one_each.num_rows,
            "seed": seed,
        },
        "thresholds": THRESHOLDS,
        "max_holders": MOST_ALIKE,
        "name_shares": {name: {"common": dict(shares.common), "other": shares.other} for name, shares in names.items()},
        "model": model,
    }


def _everybody(engine: sa.Engine, reader: VaultReader) -> pa.Table:
    """Distinct identity records of the warehouse with incident, client and the person of the last linkage."""
    tables = []
    with engine.connect() as connection:
        store.prepare(connection)
        mentions = find_changes(sources.read_mentions(connection, None), store.read_nothing()).now
        person_of = results.read_persons(connection, None)
        for part in parts_of(mentions):
            some = sources.with_values(connection, reader, part)
            identities = make_comparable(some.select(["appearance_id", "role", *FIELDS]))
            appearances = of_appearances(some, identities["appearance_id"])
            identities = with_incident(identities, appearances["incident_id"], are_victims(appearances))
            clients = pc.split_pattern(appearances["client_id"], " ")
            identities = identities.set_column(identities.schema.get_field_index("clients"), "clients", clients)
            persons = [person_of.get(mention) for mention in appearances["mention_id"].to_pylist()]
            tables.append(identities.append_column("person_id", pa.array(persons, pa.string())))
    everybody = pa.concat_tables(tables)
    seen: dict[tuple[object, ...], int] = {}
    values = [everybody[name].to_pylist() for name in DISTINGUISHING]
    values = [[str(value) for value in column] for column in values]
    company = [[str(value) for value in everybody[name].to_pylist()] for name in OF_IDENTITY]
    for position, row in enumerate(zip(*values, *company, strict=True)):
        seen.setdefault(row, position)
    different = everybody.take(pa.array(sorted(seen.values()), pa.int64()))
    different = different.append_column("identity_id", pa.array(range(different.num_rows), pa.int64()))
    return with_users(different, count_users(different))


def _one_each(everybody: pa.Table) -> pa.Table:
    """One identity record per person of the last linkage: pairs of one person would distort u. Before the first linkage
    each record counts as a person."""
    position_of: dict[str, int] = {}
    for position, person in enumerate(everybody["person_id"].to_pylist()):
        position_of.setdefault(person or f"unknown {position}", position)
    return everybody.take(pa.array(sorted(position_of.values()), pa.int64()))


def _shares(names: pa.ChunkedArray, other: float) -> NameShares:
    counts = Counter(name for name in names.to_pylist() if name is not None)
    least = max(LEAST_RECORDS, LEAST_SHARE * counts.total())
    common = {name: round(count / counts.total(), 6) for name, count in counts.most_common() if count >= least}
    return NameShares(common=dict(sorted(common.items())), other=other)


def _untrained() -> dict[str, Any]:
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "identity_id",
        "probability_two_random_records_match": PRIOR_MATCH,
        "comparisons": [dict(comparison) for comparison in COMPARISONS],
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "linker_uid": "people",
    }


def _estimate_u(ready: Scorer, seed: int) -> None:
    logging.getLogger("splink").setLevel(logging.ERROR)
    training = ready.linker.training
    training.estimate_u_using_random_sampling(max_pairs=MOST_RANDOM_PAIRS, seed=seed, min_count_per_level=None)


def _is_shared(everybody: pa.Table, columns: tuple[str, ...]) -> bool:
    given = everybody.select(columns).drop_null()
    return bool(given.group_by(list(columns)).aggregate([]).num_rows < given.num_rows)


def _estimate_m(ready: Scorer, everybody: pa.Table) -> None:
    logging.getLogger("splink").setLevel(logging.ERROR)
    training = ready.linker.training
    for columns in TRAINING_BLOCKS:
        # splink fails if no two records share these fields.
        if _is_shared(everybody, columns):
            training.estimate_parameters_using_expectation_maximisation(
                block_on(*columns), estimate_without_term_frequencies=True
            )


def _within_bounds(model: dict[str, Any]) -> dict[str, Any]:
    """Apply the lower bounds, and make match weights fall from the best level to the worst: a level that is rare in
    random pairs gets no undue weight."""
    for comparison in model["comparisons"]:
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        name = comparison["output_column_name"]
        differ = MIN_M_DIFFERENT.get(name, MIN_M)
        same = _shares_of(levels, "m_probability", [*[MIN_M] * (len(levels) - 1), differ])
        other = _shares_of(levels, "u_probability", [MIN_U] * len(levels))
        for position in range(1, len(levels)):
            other[position] = max(other[position], same[position] * other[position - 1] / same[position - 1])
        for level, m_share, u_share in zip(levels, same, other, strict=True):
            level["m_probability"], level["u_probability"] = round(m_share, 9), round(u_share / sum(other), 9)
            likely = LIKELY.get((name, level["label_for_charts"]))
            if likely is not None:
                level["u_probability"] = round(m_share * PRIOR_MATCH * (1 - likely) / likely, 12)
            bits = BITS.get((name, level["label_for_charts"]))
            if bits is not None:
                level["m_probability"] = level["u_probability"] * 2**bits
        if name in NEUTRAL_IF_DIFFERENT:
            levels[-1]["u_probability"] = levels[-1]["m_probability"]
    return model


def _shares_of(levels: list[dict[str, Any]], name: str, least: list[float]) -> list[float]:
    shares = [max(level.get(name) or bound, bound) for level, bound in zip(levels, least, strict=True)]
    if all(level.get(name) is None for level in levels):
        # Never seen in training: the rest goes to the last level, so that a difference is neutral.
        shares[-1] = 1 - sum(shares[:-1])
    return [share / sum(shares) for share in shares]

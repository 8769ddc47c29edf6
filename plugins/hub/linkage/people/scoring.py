"""What splink's model says of pairs of identity records."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from splink import DuckDBAPI, Linker

from hub.linkage.people.comparable import open_memory
from hub.linkage.people.comparisons import COMPARISONS
from hub.linkage.people.evidence import INITIAL, WEIGHED, LevelWeights, combined, may_be_certain, probability_of
from hub.linkage.people.parameters import NameShares, Parameters

LEVEL_COLUMNS = tuple(f"gamma_{comparison['output_column_name']}" for comparison in COMPARISONS)
WEIGHT_COLUMNS = tuple(f"mw_{comparison['output_column_name']}" for comparison in COMPARISONS)
NAMES = ("first_name", "surname")
RARITY_COLUMNS = tuple(f"mw_tf_adj_{name}" for name in NAMES)


class LinkageFailed(RuntimeError):
    """Scoring broke down; the message holds no value of any person."""


@dataclass(frozen=True)
class Scorer:
    """splink over one table of identity records."""

    linker: Linker
    database: DuckDBAPI


@contextmanager
def scorer(settings: Mapping[str, Any], identities: pa.Table, names: tuple[NameShares, NameShares]) -> Iterator[Scorer]:
    """splink with a model over identity records (``IDENTITY``, identity_id and ``OF_IDENTITY``), in memory alone."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    with open_memory() as memory, _without_values():
        memory.execute("set enable_progress_bar = false")
        first_names, surnames = names
        identities = identities.append_column("tf_first_name", _shares(identities["first_name"], first_names))
        identities = identities.append_column("lone_is_common", _are_common(identities["lone_name"], names))
        identities = identities.append_column("tf_surname", _shares(identities["surname"], surnames))
        database = DuckDBAPI(memory)
        memory.register("given_identities", identities)
        # A table of DuckDB's own: splink reads it several times, and an Arrow table would be converted each time.
        memory.execute("create table identities as select * from given_identities")
        linker = Linker(database.register("identities"), dict(settings), log_level=None, validate_settings=False)
        for column, shares in zip(("first_name", "surname"), names, strict=True):
            lookup = pa.table({column: list(shares.common), f"tf_{column}": list(shares.common.values())})
            known = database.register(lookup, table_name=f"shares_of_{column}")
            linker.table_management.register_term_frequency_lookup(known, column)
        yield Scorer(linker, database)


def score_pairs(
    parameters: Parameters, identities: pa.Table, pairs: pa.Table, *, with_levels: bool = False
) -> pa.Table:
    """Score pairs (columns identity_a, identity_b) of ``identities``. Returns identity_a, identity_b, match_weight,
    match_probability, the weight of each of ``WEIGHED``, and ``is_certain``, whether they may be one for certain; in
    the order of the pairs' numbers. ``with_levels`` also the level that each comparison came out at (``gamma_…``) and
    its weight without that of how common a name is (``mw_…``; both cost memory)."""
    names = (parameters.first_names, parameters.surnames)
    # splink tells levels only together with the values that were compared.
    settings = {**parameters.model, "retain_matching_columns": with_levels}
    with scorer(settings, identities, names) as ready:
        memory = ready.database.duckdb_con
        memory.register("given_pairs", pairs)
        memory.execute(
            "create table pairs as select '0' as match_key, identity_a as join_key_l, identity_b as join_key_r"
            " from given_pairs"
        )
        ready.linker.table_management.register_blocked_pairs_for_predict(ready.database.register("pairs"))
        scored = ready.linker.inference.predict(warning_mode="never")
        columns = ", ".join((*WEIGHT_COLUMNS, *RARITY_COLUMNS, *LEVEL_COLUMNS * with_levels))
        found = memory.sql(
            f"select identity_id_l as identity_a, identity_id_r as identity_b, {columns}"  # noqa: S608 - own names
            f" from {scored.physical_name} order by identity_id_l, identity_id_r"
        ).to_arrow_table()
    return _weigh(LevelWeights.of(parameters.model), found, with_levels=with_levels)


def _weigh(levels: LevelWeights, scored: pa.Table, *, with_levels: bool) -> pa.Table:
    weights = {field: scored[f"mw_{field}"].to_numpy().astype(float) for field in levels.by_label}
    of_initials = [levels.by_label["first_name"][label] for label in ("initial", "another initial")]
    is_initial = np.isclose(weights["first_name"][:, None], of_initials, atol=1e-6).any(axis=1)
    weights[INITIAL] = np.where(is_initial, weights["first_name"], 0.0)
    weights["first_name"] = np.where(is_initial, 0.0, weights["first_name"])
    is_certain = may_be_certain(levels, weights)
    for field in NAMES:
        weights[field] = weights[field] + scored[f"mw_tf_adj_{field}"].to_numpy()
    total = combined(levels, weights, is_certain)
    columns = {"match_weight": total, "match_probability": probability_of(total), "is_certain": is_certain}
    columns |= {field: weights[field] for field in WEIGHED}
    kept = [
        "identity_a",
        "identity_b",
        *[name for name in scored.column_names if name[:3] in {"gam", "mw_"}] * with_levels,
    ]
    table = scored.select(kept)
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values))
    return table


def _shares(names: pa.ChunkedArray, shares: NameShares) -> pa.Array:
    listed = pa.array(list(shares.common), pa.string())
    position = pc.index_in(names, value_set=listed)
    found = pa.array(list(shares.common.values()), pa.float64()).take(position)
    return pc.if_else(pc.is_null(names), pa.scalar(None, pa.float64()), pc.fill_null(found, shares.other))


def _are_common(words: pa.ChunkedArray, names: tuple[NameShares, NameShares]) -> pa.ChunkedArray:
    listed = pa.array(sorted({*names[0].common, *names[1].common}), pa.string())
    return pc.if_else(words.is_valid(), pc.is_in(words, value_set=listed), pa.scalar(None, pa.bool_()))


@contextmanager
def _without_values() -> Iterator[None]:
    """An error of DuckDB or splink quotes statements, and may quote a value; it goes no further."""
    try:
        yield
    except Exception as error:
        raise LinkageFailed(f"pairs could not be scored: {type(error).__name__}") from None

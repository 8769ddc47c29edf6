"""What splink's model says of pairs of identity records."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from splink import DuckDBAPI, Linker

from hub.linkage.people.comparable import open_memory
from hub.linkage.people.comparisons import COMPARISONS
from hub.linkage.people.parameters import NameShares, Parameters

LEVEL_COLUMNS = tuple(f"gamma_{comparison['output_column_name']}" for comparison in COMPARISONS)
WEIGHT_COLUMNS = tuple(f"mw_{comparison['output_column_name']}" for comparison in COMPARISONS)


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
    match_probability and the weight of each comparison (``mw_…``, without that of how common a name is), in the order
    of the pairs' numbers; ``with_levels`` also the level that each came out at (``gamma_…``; costs memory)."""
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
        columns = ", ".join(("match_weight", "match_probability", *WEIGHT_COLUMNS, *LEVEL_COLUMNS * with_levels))
        return memory.sql(
            f"select identity_id_l as identity_a, identity_id_r as identity_b, {columns}"  # noqa: S608 - own names
            f" from {scored.physical_name} order by identity_id_l, identity_id_r"
        ).to_arrow_table()


def _shares(names: pa.ChunkedArray, shares: NameShares) -> pa.Array:
    listed = pa.array(list(shares.common), pa.string())
    place = pc.index_in(names, value_set=listed)
    found = pa.array(list(shares.common.values()), pa.float64()).take(place)
    return pc.if_else(pc.is_null(names), pa.scalar(None, pa.float64()), pc.fill_null(found, shares.other))


@contextmanager
def _without_values() -> Iterator[None]:
    """An error of DuckDB or splink quotes statements, and may quote a value; it goes no further."""
    try:
        yield
    except Exception as error:
        raise LinkageFailed(f"pairs could not be scored: {type(error).__name__}") from None

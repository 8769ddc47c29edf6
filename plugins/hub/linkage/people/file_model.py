"""The model of a file of persons, learned from the file itself: what rows have in common by chance from random pairs,
what one person's rows have in common by expectation maximisation."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

import duckdb
from splink import DuckDBAPI, Linker, block_on

from hub.linkage.people.comparisons import DIFFERS, FIRST_NAME, SURNAME, Comparison, alike, level, missing
from hub.linkage.people.files import PersonFile

RANDOM_PAIRS = 4e5
SEED = 1
MOST_WITHIN_A_SESSION = 100_000
SESSIONS = 4
NAMES = frozenset({"first_name", "surname"})
"""Comparisons that read each other's column, since names come in either order: a session by one teaches of neither."""
MOST_LIKELY = 0.5
RECALL_OF_EXACT = 0.6
"""The share of true pairs that agree in three fields exactly; what matters of it is its order of magnitude."""


def _comparisons(file: PersonFile) -> list[Comparison]:
    found: list[Comparison] = []
    if file.has & {"name", "given_name"}:
        found.append(FIRST_NAME)
    if file.has & {"name", "surname"}:
        found.append(SURNAME)
    if "date_of_birth" in file.has:
        found.append(_BIRTH_DATE)
    return [*found, *map(_further, file.further)]


_BIRTH_DATE: Comparison = {
    "output_column_name": "birth_date",
    "comparison_levels": [
        missing("birth_year"),
        level("agree", "birth_date_l = birth_date_r"),
        level(
            "slip",
            "birth_date_l = birth_swapped_r or damerau_levenshtein(birth_date_l, birth_date_r) <= 1",
        ),
        level(
            "same year, the day not known",
            "(birth_date_l is null or birth_date_r is null) and birth_year_l = birth_year_r",
        ),
        level("two slips, or the same year", "hamming(birth_date_l, birth_date_r) <= 2 or birth_year_l = birth_year_r"),
        DIFFERS,
    ],
}


def _further(column: str) -> Comparison:
    return {
        "output_column_name": column,
        "comparison_levels": [
            missing(column),
            level("agree", f"{column}_l = {column}_r", tf_adjustment_column=column, tf_adjustment_weight=1.0),
            level("alike", alike(column)),
            DIFFERS,
        ],
    }


def trained_model(memory: duckdb.DuckDBPyConnection, file: PersonFile) -> dict[str, Any]:
    """A model of the file, in splink's own form."""
    settings: dict[str, Any] = {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record",
        "comparisons": _comparisons(file),
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "linker_uid": "persons",
    }
    columns = _telling(memory, file)
    settings["probability_two_random_records_match"] = _share_of_pairs(memory, columns)
    linker = linker_of(memory, settings)
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED, min_count_per_level=None)
    for block in _sessions(memory, columns):
        linker.training.estimate_parameters_using_expectation_maximisation(
            block_on(*block), estimate_without_term_frequencies=True, fix_u_probabilities=True
        )
    return _complete(linker.misc.save_model_to_json())


def _telling(memory: duckdb.DuckDBPyConnection, file: PersonFile) -> list[str]:
    """The columns by how well they tell persons apart: those that are given, and have many values."""
    columns = [str(one["output_column_name"]) for one in _comparisons(file)]
    worth = {}
    for column in columns:
        ((worth[column],),) = memory.sql(
            f"select count({column}) * ln(1 + count(distinct {column})) from persons"  # noqa: S608 - names of our own
        ).fetchall()
    return sorted(columns, key=lambda column: (-worth[column], column))


def _share_of_pairs(memory: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> float:
    """How likely two random rows are one person: by the pairs that agree in three fields exactly, of which there is
    taken to be one at least."""
    agree = " union ".join(
        "select one.record as first, other.record as second from persons as one inner join persons as other"  # noqa: S608 - names of our own
        f" on one.record < other.record and {' and '.join(f'one.{name} = other.{name}' for name in three)}"
        for three in combinations(columns[:4], min(3, len(columns)))
    )
    ((exact,),) = memory.sql(f"select count(*) from ({agree})").fetchall()  # noqa: S608 - names of our own
    ((count,),) = memory.sql("select count(*) from persons").fetchall()
    return float(min(max(exact / RECALL_OF_EXACT, 1) / max(count * (count - 1) / 2, 1), MOST_LIKELY))


def _sessions(memory: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """What the pairs of each training session share: one telling column or two, so that each field is learned where
    it is not what pairs were chosen by."""
    count = 0
    for block in [*((column,) for column in columns), *combinations(columns[:5], 2)]:
        if {*columns} <= {*block} | (NAMES if NAMES & {*block} else set()):
            continue  # nothing is left to learn
        shared = ", ".join(block)
        ((pairs,),) = memory.sql(f"""
            select coalesce(sum(held * (held - 1) // 2), 0)
            from (
                select count(*) as held from persons
                where {" and ".join(f"{column} is not null" for column in block)}
                group by {shared}
            )
        """).fetchall()  # noqa: S608 - names of our own
        if 0 < pairs <= MOST_WITHIN_A_SESSION:
            yield block
            count += 1
        if count == SESSIONS:
            return


def _complete(settings: dict[str, Any]) -> dict[str, Any]:
    """Give levels that were never seen a small share, and all together a sum of 1."""
    for comparison in settings["comparisons"]:
        levels = [one for one in comparison["comparison_levels"] if not one.get("is_null_level")]
        for name, least in (("m_probability", 1e-3), ("u_probability", 1e-7)):
            shares = [max(one.get(name) or least, least) for one in levels]
            for one, share in zip(levels, shares, strict=True):
                one[name] = share / sum(shares)
    return settings


def linker_of(memory: duckdb.DuckDBPyConnection, settings: dict[str, Any]) -> Linker:
    """splink with a model over the table ``persons``."""
    database = DuckDBAPI(memory)
    return Linker(database.register("persons"), settings, log_level=None, validate_settings=False)

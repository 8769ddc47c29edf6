"""Links the rows of any file of persons: the comparisons of the hub's own linkage, trained on the file itself without
labels, and the same joining of groups.

What rows have in common by chance is learned from random pairs, what one person's rows have in common by expectation
maximisation. The threshold is fixed: nothing of it is chosen by looking at a file's truth.
"""

import csv
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from splink import DuckDBAPI

from hub.linkage.people.comparable import open_memory
from hub.linkage.people.components import join_persons, parts_of
from hub.linkage.people.evidence import Flags, Weights
from hub.linkage.people.file_model import linker_of, trained_model
from hub.linkage.people.files import PersonFile, read_persons
from hub.linkage.people.groups import Positions, Rules, Scored

CONFIRMED = 0.95
LIKELY = 0.5
MOST_ALIKE, MOST_ALIKE_OF_ONE = 100, 30
"""Rows that share two things, or one, beyond which sharing them says too little to compare them."""
PAIRS_AT_ONCE = 400_000
AVERAGED = frozenset({"first_name", "surname", "birth_date"})


@dataclass(frozen=True)
class LinkedFile:
    """``persons`` by row, numbered from 1 in the order of the file; how many pairs were compared; and the seconds."""

    ids: Sequence[str]
    persons: Sequence[int]
    count_pairs: int
    seconds: float

    @property
    def sizes(self) -> Mapping[int, int]:
        """How many persons have so many rows."""
        _, rows = np.unique(self.persons, return_counts=True)
        sizes, counts = np.unique(rows, return_counts=True)
        return dict(zip(sizes.tolist(), counts.tolist(), strict=True))


def link_file(path: Path, *, without: Sequence[str] = ()) -> LinkedFile:
    """Find which rows of a CSV file are one person. Raises :class:`hub.linkage.people.files.FileRefused`."""
    began = time.monotonic()
    file = read_persons(path, without=without)
    logging.getLogger("splink").setLevel(logging.ERROR)
    with open_memory() as memory:
        memory.execute("set enable_progress_bar = false")
        memory.register("given_rows", file.rows)
        memory.execute("create table persons as select * from given_rows order by record")
        pairs = candidate_pairs(memory, file)
        settings = trained_model(memory, file)
        ones, others = pairs["one"].to_numpy(), pairs["other"].to_numpy()
        weights = _weigh(memory, settings, ones, others)
        total = _combine(settings)(weights, np.ones(len(ones), bool))
        parts = list(parts_of(len(file.ids), np.column_stack([ones, others]), total, _bits(LIKELY)))
        persons = np.zeros(len(file.ids), dtype=np.int64)
        joined = sorted(_joined(memory, settings, [part for part in parts if len(part) > 1]))
    alone = [[int(part[0])] for part in parts if len(part) == 1]
    for number, rows in enumerate(sorted([*joined, *alone]), start=1):
        persons[rows] = number
    return LinkedFile(file.ids, persons.tolist(), len(ones), time.monotonic() - began)


def write_clusters(linked: LinkedFile, path: Path) -> None:
    """Write the columns id and person, in the order of the file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["id", "person"])
        lines.writerows(zip(linked.ids, linked.persons, strict=True))


def candidate_pairs(memory: duckdb.DuckDBPyConnection, file: PersonFile) -> pa.Table:
    """Pairs of rows (one, other) that share any two things, or one that few share."""
    parts = _parts(file)
    singles = [
        f"select record, '{name}' as kind, cast({part} as text) as key from persons"  # noqa: S608 - names of our own
        for name, part in parts
    ]
    memory.execute("create table parts as " + " union all ".join(singles))
    memory.execute("delete from parts where key is null or key = ''")
    query = f"""
        with keys as (
            select record, kind, '' as other_kind, key, '' as other_key, {MOST_ALIKE_OF_ONE} as most from parts
            union all
            select one.record, one.kind, other.kind, one.key, other.key, {MOST_ALIKE}
            from parts as one inner join parts as other on one.record = other.record and one.kind < other.kind
        ),
        held as (
            select list(record) as records
            from (select distinct * from keys) group by kind, other_kind, key, other_key
            having count(*) between 2 and any_value(most)
        ),
        pairs as (
            select unnest(records) as one, records from held
        )
        select distinct one, other
        from (select one, unnest(records) as other from pairs)
        where one < other
        order by one, other
    """  # noqa: S608 - names of our own
    return memory.sql(query).to_arrow_table()


def _parts(file: PersonFile) -> list[tuple[str, str]]:
    """What keys are made of, by name: an expression of a row each."""
    parts = [(name, name) for name in file.further]
    if file.has & {"name", "given_name"}:
        parts += [("first", "first_sound"), ("initial", "first_initial || left(surname, 2)")]
    if file.has & {"name", "surname"}:
        parts += [("surname", "surname_sound")]
    if "date_of_birth" in file.has:
        parts += [("born", "least(birth_date, birth_swapped)"), ("year", "birth_year"), ("day", "birth_date[5:]")]
    return parts


def _weigh(
    memory: duckdb.DuckDBPyConnection, settings: dict[str, Any], ones: Positions, others: Positions
) -> dict[str, Weights]:
    """The weight of each comparison for each pair, in the order of the pairs (the smaller position first)."""
    names = [str(one["output_column_name"]) for one in settings["comparisons"]]
    rare = {
        str(one["output_column_name"])
        for one in settings["comparisons"]
        if any(level.get("tf_adjustment_column") for level in one["comparison_levels"])
    }
    terms = [f"mw_{name}{f' + mw_tf_adj_{name}' * (name in rare)} as {name}" for name in names]
    weights: dict[str, list[Weights]] = {name: [] for name in names}
    for start in range(0, len(ones), PAIRS_AT_ONCE):
        own = slice(start, start + PAIRS_AT_ONCE)
        linker, database = linker_of(memory, settings), DuckDBAPI(memory)
        asked = pa.table({"join_key_l": ones[own], "join_key_r": others[own]})
        memory.register("asked", asked)
        memory.execute("create or replace table pairs as select '0' as match_key, * from asked")
        linker.table_management.register_blocked_pairs_for_predict(database.register("pairs"))
        scored = linker.inference.predict(warning_mode="never")
        found = memory.sql(
            f"select record_l, record_r, {', '.join(terms)}"  # noqa: S608 - names of our own
            f" from {scored.physical_name} order by record_l, record_r"
        ).to_arrow_table()
        scored.drop_table_from_database_and_remove_from_cache()
        width = int(max(others.max(), ones.max())) + 1
        keys = found["record_l"].to_numpy() * width + found["record_r"].to_numpy()
        order = np.searchsorted(keys, ones[own] * width + others[own])
        for name in names:
            weights[name].append(found[name].to_numpy()[order].astype(float))
    return {name: np.concatenate(parts) if parts else np.zeros(0) for name, parts in weights.items()}


def _combine(settings: Mapping[str, Any]) -> "Combine":
    prior = settings["probability_two_random_records_match"]
    return Combine(_bits(prior))


@dataclass(frozen=True)
class Combine:
    """The sum of all fields and the chance beforehand."""

    prior: float

    def __call__(self, weights: Mapping[str, Weights], _: Flags) -> Weights:
        total: Weights = self.prior + sum(weights.values(), np.zeros(()))
        return total


def _joined(
    memory: duckdb.DuckDBPyConnection, settings: dict[str, Any], parts: Sequence[Positions]
) -> Iterator[list[int]]:
    """The persons among rows that are looked at together."""
    if not parts:
        return
    corners = [np.triu_indices(len(part), 1) for part in parts]
    ones = np.concatenate([part[rows] for part, (rows, _) in zip(parts, corners, strict=True)])
    others = np.concatenate([part[columns] for part, (_, columns) in zip(parts, corners, strict=True)])
    weights = _weigh(memory, settings, ones, others)
    averaged = [name for name in weights if name in AVERAGED]
    rules = Rules(averaged, (), _combine(settings), _bits(CONFIRMED))
    start = 0
    for part, (rows, columns) in zip(parts, corners, strict=True):
        own = slice(start, start + len(rows))
        start += len(rows)
        scored = Scored(
            rows, columns, {name: values[own] for name, values in weights.items()}, np.ones(len(rows), bool)
        )
        for person in join_persons(np.ones(len(part), bool), scored, rules):
            yield [int(part[position]) for position in person]


def _bits(probability: float) -> float:
    return float(np.log2(probability / (1 - probability)))

"""Records that are wrong, each in one way, and the rule of the contract that must catch them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hub.simulate.cells import TEXT
from hub.simulate.rows import CLEAN, FeedRows

DIRTY_SHARE = 0.005


@dataclass(frozen=True)
class Dirt:
    """One way of being wrong: the rule that catches it, and the cells that are then written over (None: emptied).

    ``same_as_before`` are the columns that repeat the record before it. Rules that begin with ``row.`` have no cells:
    the writer of the file tears the record.
    """

    rule: str
    cells: Mapping[str, str | None] = field(default_factory=dict)
    same_as_before: Sequence[str] = ()


def soil(rows: FeedRows, kinds: Sequence[Dirt], chance: np.random.Generator) -> FeedRows:
    """Make a share of the records dirty, each kind about as often as the others. The first record of a file stays
    clean, and no two dirty ones follow each other, so that a repeated value always repeats a right record."""
    number = rows.numbers_in_file
    wrong = chance.random(rows.count) < DIRTY_SHARE
    wrong[1:] &= ~wrong[:-1]
    places = np.flatnonzero(wrong & (number > 1))
    if not len(places):
        # Small feeds have a wrong record, too.
        places = np.flatnonzero(number > 1)[-1:]
    if not len(places):
        return rows
    kind = (np.arange(len(places)) + chance.integers(0, len(kinds))) % len(kinds)
    broken_rule = np.full(rows.count, CLEAN)
    broken_rule[places] = kind
    cells = rows.cells
    for index, dirt in enumerate(kinds):
        mask = broken_rule == index
        for name, value in dirt.cells.items():
            column = pa.concat_arrays([cells[name].combine_chunks(), pa.array([value], TEXT)])
            cells = _overwrite(cells, name, column.take(pa.array(np.where(mask, rows.count, np.arange(rows.count)))))
        for name in dirt.same_as_before:
            column = cells[name].combine_chunks()
            before = column.take(pa.array(np.maximum(np.arange(rows.count) - 1, 0)))
            cells = _overwrite(cells, name, pc.if_else(pa.array(mask), before, column))
    return replace(rows, cells=cells, rules=tuple(dirt.rule for dirt in kinds), broken_rule=broken_rule)


def _overwrite(cells: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return cells.set_column(cells.schema.get_field_index(name), name, values)

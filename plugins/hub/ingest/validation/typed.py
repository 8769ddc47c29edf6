"""Text → typed columns: a chunk as a frame whose values are what the contract says, and the positions of all others.

What fits is what PostgreSQL reads too: staging casts every accepted value, and one that it cannot read stops a build.
"""

import json
import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from hub.contracts.date_patterns import DatePattern
from hub.contracts.model import Contract
from hub.contracts.values import Column, LogicalType

INTEGER = r"^-?[0-9]{1,18}$"
NUMBER = r"^[+-]?([0-9]{1,100}(\.[0-9]{0,100})?|\.[0-9]{1,100})([eE][+-]?[0-9]{1,2})?$"
NOT_FOR_JSONB = re.compile("[\0\ud800-\udfff]")  # NUL, and halves of surrogate pairs


def typed_frame(contract: Contract, rows: pa.Table) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """The chunk as a frame with typed columns, and for each type rule the positions that break it."""
    hits: dict[str, np.ndarray] = {}
    series: dict[str, pd.Series] = {}
    for column in contract.columns:
        text = rows.column(column.name)
        typed, bad = _typed(column, text)
        if len(bad):
            hits[f"{column.name}.type"] = bad
        series[column.name] = typed
    return pd.DataFrame(series, copy=False), hits


def _typed(column: Column, text: pa.ChunkedArray) -> tuple[pd.Series, np.ndarray]:
    as_text = text.to_pandas(types_mapper=pd.ArrowDtype)
    match column.logical_type:
        case LogicalType.STRING:
            return as_text, np.empty(0, dtype=np.int64)
        case LogicalType.INTEGER | LogicalType.NUMBER:
            whole = column.logical_type is LogicalType.INTEGER
            fits = pc.match_substring_regex(text, INTEGER if whole else NUMBER)
            kept = pc.if_else(fits, text, None).cast(pa.int64() if whole else pa.float64())
            # NumPy's own types: Great Expectations compares anything else value by value, 30 times slower.
            return kept.to_pandas(), _places(pc.equal(fits, False))
        case LogicalType.DATE | LogicalType.TIMESTAMP:
            moment = _moments(text, column.date_format)
            return moment, np.flatnonzero((moment.isna() & as_text.notna()).to_numpy(dtype=bool))
        case LogicalType.BOOLEAN:
            return as_text, _places(pc.invert(pc.is_in(text, pa.array(["true", "false", None]))))
        case LogicalType.ARRAY | LogicalType.OBJECT:
            is_right = _is_text_list if column.logical_type is LogicalType.ARRAY else _is_count_object
            distinct = pc.unique(text).to_pylist()
            wrong = [value for value in distinct if value is not None and not is_right(value)]
            return as_text, _places(pc.is_in(text, pa.array(wrong, pa.string()))) if wrong else np.empty(0, np.int64)


def _moments(text: pa.ChunkedArray, pattern: DatePattern) -> pd.Series:
    """Points in time, each distinct text parsed once; NaT where a text is none."""
    encoded = pc.dictionary_encode(text.combine_chunks())
    parsed = pattern.moments(encoded.dictionary)
    positions = pc.fill_null(encoded.indices, -1).to_numpy()
    return pd.Series(parsed.array.take(positions, allow_fill=True))


def _places(condition: pa.ChunkedArray) -> np.ndarray:
    """Positions at which a condition is true; null is not."""
    return np.flatnonzero(pc.fill_null(condition, False).to_numpy())


def _is_text_list(value: str) -> bool:
    try:
        items = json.loads(value)
    except (ValueError, RecursionError):  # the former also of a number of more digits than Python reads
        return False
    return isinstance(items, list) and all(isinstance(item, str) and not NOT_FOR_JSONB.search(item) for item in items)


def _is_count_object(value: str) -> bool:
    return all(re.fullmatch(r"[0-9]{1,18}", str(count)) for count in json.loads(value).values())

"""Names of a contract's columns that cannot go together, or not in a raw table."""

from hub.contracts.values import Column, ContractRefused

LONGEST_NAME = 63
"""Bytes of a name in PostgreSQL; it cuts longer ones off."""
SYSTEM_COLUMNS = frozenset({"tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"})


def refuse_clashing_names(columns: tuple[Column, ...]) -> None:
    """Raises :class:`ContractRefused` for names that are there twice, or that a raw table cannot have."""
    for kind, names in (
        ("name", [column.name for column in columns]),
        ("physicalName", [header for column in columns for header in column.headers]),
        ("column of raw", [column.raw_name for column in columns]),
    ):
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ContractRefused(f"schema[0].properties: {kind} {', '.join(repeated)} stands there twice")
    for column in columns:
        if len(column.raw_name) > LONGEST_NAME:
            raise ContractRefused(f"column {column.name}: in raw, {column.raw_name} is longer than {LONGEST_NAME}")
        if column.raw_name in SYSTEM_COLUMNS:
            raise ContractRefused(f"column {column.name}: PostgreSQL has a column of this name in each table")

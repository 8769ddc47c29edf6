"""Which rows of a feed are followed one by one. The others are counted: they go to the archive, and not to raw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hub.contracts.values import Column, ContractRefused, LogicalType

KEYS = frozenset({"because", "columns", "anyOf", "day", "sumBy"})


@dataclass(frozen=True)
class Followed:
    """The rule by which rows are followed, and what the others are summed by.

    A row is followed where it has all values of one of ``any_of``, which say for a term the value that one of the
    term's ``columns`` has, alone or in a list. ``sum_by`` are the columns of the sums, ``sender`` among them; a sum is
    of one ``day``.
    """

    because: str
    columns: Mapping[str, tuple[str, ...]]
    any_of: tuple[Mapping[str, str], ...]
    sender: str
    day: str
    sum_by: tuple[str, ...]


def read_followed(value: dict[str, Any] | None, columns: Sequence[Column], sender: str | None) -> Followed | None:
    """Read ``customProperties.followed``. Raises :class:`ContractRefused`."""
    if value is None:
        return None
    if set(value) != KEYS:
        raise ContractRefused(f"followed has the keys {', '.join(sorted(KEYS))}, and no others are read")
    because = str(value["because"] or "").strip()
    if not because:
        raise ContractRefused("followed.because must say why the other rows are not")
    if sender is None:
        raise ContractRefused("followed needs senderColumn: the other rows are kept and summed by sender")
    by_name = {one.name: one for one in columns}
    looked_in = {str(term): _names(f"followed.columns.{term}", of) for term, of in _mapping(value["columns"]).items()}
    any_of = tuple(
        {str(term): str(code) for term, code in _mapping(one).items()} for one in _items("anyOf", value["anyOf"])
    )
    if unknown := sorted({term for one in any_of for term in one} - looked_in.keys()):
        raise ContractRefused(f"followed.anyOf: {', '.join(unknown)} is not in followed.columns")
    if not all(any_of):
        raise ContractRefused("followed.anyOf: an entry without a value would follow every row")
    sum_by, day = _names("followed.sumBy", value["sumBy"]), str(value["day"])
    for name in (*(name for names in looked_in.values() for name in names), *sum_by, day):
        _refuse_unfit(by_name.get(name), name)
    if by_name[day].format is None:
        raise ContractRefused(f"followed.day: {day} is no date or timestamp")
    if optional := [name for name in (sender, day) if not by_name[name].required]:
        raise ContractRefused(f"followed: {', '.join(optional)} is not required, and every row has its sender and day")
    return Followed(because, looked_in, any_of, sender, day, tuple(dict.fromkeys((sender, *sum_by))))


def refuse_unfollowable(
    followed: Followed | None, columns: Sequence[Column], key: Sequence[Column], *, compares_rows: bool
) -> None:
    """Refuse a feed whose counted rows could not be known again by their key alone. ``compares_rows`` says that a rule
    of it looks at several rows at once."""
    if followed is None:
        return
    if compares_rows:
        raise ContractRefused("followed is for no snapshot, and goes with no rule or identity that compares rows")
    if len(key) != 1 or not key[0].unique or not key[0].required or key[0].is_personal:
        raise ContractRefused("followed needs a primary key of one column that is required, unique and not personal")
    if others := [one.name for one in columns if one.unique and one is not key[0]]:
        raise ContractRefused(f"followed: {', '.join(others)} is unique, and only the key of a counted row is kept")
    if nested := [one.name for one in columns if one.logical_type is LogicalType.OBJECT]:
        raise ContractRefused(f"followed: {', '.join(nested)} is an object, which the archive does not keep")


def _refuse_unfit(column: Column | None, name: str) -> None:
    if column is None:
        raise ContractRefused(f"followed: column {name!r} is not in the schema")
    if column.is_personal:
        raise ContractRefused(f"followed: {name} is personal, and sums hold no such value")


def _mapping(value: Any) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise ContractRefused("followed.columns and each entry of followed.anyOf are mappings")
    return value


def _items(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ContractRefused(f"followed.{name} is a list")
    return value


def _names(name: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(one, str) for one in value):
        raise ContractRefused(f"{name} is a list of columns")
    return tuple(value)

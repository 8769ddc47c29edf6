"""Limits hold for all groups of parts together as they do for one file: what is too much is refused by the reader in
order, and what is not is read side by side."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from hub.ingest.readers import part_groups, unpack, zip_parts
from ingest.groups_together import (
    Together,
    assert_is_read_side_by_side,
    assert_is_what_is_read_in_order,
    in_order,
    least_group,
)
from ingest.zips_in_parts import HEADER, MARK, SETTINGS, zip_of

PART = HEADER + b"\nBow,a\n"


@pytest.fixture(autouse=True)
def _small_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    least_group(monkeypatch, 1)


def limited(monkeypatch: pytest.MonkeyPatch, name: str, value: int) -> None:
    """Another limit, wherever it has been imported."""
    for module in (unpack, zip_parts, part_groups):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, value)


def assert_limit_holds_for_all_groups(data: bytes, limit: Callable[[int], None], values: range) -> None:
    """Each group keeps below the limit, all together do not: read in order, and refused there. Far above, neither."""
    refused = []
    for value in values:
        limit(value)
        found = assert_is_what_is_read_in_order(data)
        refused.append(isinstance(in_order(data), str))
        assert len(found.groups) > 1 or refused[-1]
    assert refused == sorted(refused, reverse=True)
    assert {True, False} == set(refused)
    assert_is_read_side_by_side(data)


def test_the_most_parts_hold_for_all_groups_together(monkeypatch: pytest.MonkeyPatch) -> None:
    data = zip_of(PART, zip_of(PART, PART), PART, zip_of(PART, PART, PART))
    assert_limit_holds_for_all_groups(data, lambda value: limited(monkeypatch, "MOST_PARTS", value), range(2, 20))


def test_the_most_bytes_of_headers_hold_for_all_groups_together(monkeypatch: pytest.MonkeyPatch) -> None:
    data = zip_of(PART, MARK + PART, zip_of(PART, PART), HEADER + b"\r\nBow,a")
    assert_limit_holds_for_all_groups(data, lambda value: limited(monkeypatch, "MOST_OF_HEADERS", value), range(20, 90))


def test_the_most_bytes_of_zip_files_inside_hold_for_all_groups_together(monkeypatch: pytest.MonkeyPatch) -> None:
    long = HEADER + b"\n" + b"Bow,a\n" * 3_000
    inner = zip_of(long, method=0)
    data = zip_of(inner, PART, inner, inner)
    assert len(data) * 2 < len(inner)
    limit = range(len(inner), len(inner) * 5, 2_500)
    assert_limit_holds_for_all_groups(data, lambda value: limited(monkeypatch, "RATIO_FREE_BYTES", value), limit)


def test_what_is_unpacked_is_limited_for_all_groups_together(monkeypatch: pytest.MonkeyPatch) -> None:
    ends = (b"\n", b"", b"\r\n", b"")
    data = zip_of(*(HEADER + b"\n" + b"Bow,a\n" * 9 + b"Ham,b" + end for end in ends))
    whole = len(HEADER) + 1 + 4 * (9 * 6 + 6) + 1
    lowest = None
    for limit in range(whole - 12, whole + 60):
        settings = replace(SETTINGS, max_unpacked_bytes=limit)
        found = assert_is_what_is_read_in_order(data, settings)
        lowest = limit if found.seen is not None and lowest is None else lowest
    assert lowest is not None
    # More than packed bytes can be: every group alone is not.
    bomb = zip_of(*(HEADER + b"\n" + b"Bow,a\n" * 4_000 for _ in range(4)))
    limited(monkeypatch, "RATIO_FREE_BYTES", 50_000)
    limited(monkeypatch, "MAX_RATIO", 20)
    assert isinstance(in_order(bomb), str)
    assert Together(bomb).seen is None


def test_a_file_that_is_too_large_as_it_came_is_read_in_order() -> None:
    data = zip_of(PART, PART, PART)
    assert_is_read_side_by_side(data, replace(SETTINGS, max_file_bytes=len(data)))
    settings = replace(SETTINGS, max_file_bytes=len(data) - 1)
    assert isinstance(in_order(data, settings), str)
    assert Together(data, settings).seen is None

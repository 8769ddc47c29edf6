"""Rows of seeds that hold today."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from hub.publish.seed_rows import rows_of_today


def test_a_row_holds_from_its_first_to_its_last_day(tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    before, after = today - timedelta(days=1), today + timedelta(days=1)
    rows = {
        "ended": (before, before),
        "ends": (before, today),
        "begins": (today, ""),
        "ends later": (before, after),
        "to come": (after, ""),
    }
    seed = tmp_path / "seed.csv"
    text = "".join(f"{name},{first},{last}\n" for name, (first, last) in rows.items())
    seed.write_text(f"name,valid_from,valid_to\n{text}")
    assert [row["name"] for row in rows_of_today(seed)] == ["ends", "begins", "ends later"]


def test_a_seed_without_days_holds_whole(tmp_path: Path) -> None:
    seed = tmp_path / "seed.csv"
    seed.write_text("name\nonly\n")
    assert rows_of_today(seed) == [{"name": "only"}]

"""Every published view is asked a question when answers are timed."""

from pathlib import Path

from benchmarks.questions import QUESTIONS

PUBLISHED = Path(__file__).parents[2] / "dbt_project" / "models" / "publish"


def test_each_published_view_has_its_question() -> None:
    """A new view without one would stop the measurement at its end."""
    assert set(QUESTIONS) == {path.stem for path in PUBLISHED.glob("*_v1.sql")}

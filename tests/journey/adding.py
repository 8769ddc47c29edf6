"""Adding a feed of reports as README says: its folder, its staging model, and one line where reports are joined."""

import shutil
from collections.abc import Callable
from pathlib import Path

UNION = Path("dbt_project", "models", "intermediate", "reports", "int_reports__all_feeds.sql")
ONE_FEED = "    'stg_community_reports',\n"
Run = Callable[..., str]


def add_feed(project: Path, hub: Run, files: Path) -> None:
    """Add the feed that is described in the folder of its name."""
    feed = files.name
    staging = project / "dbt_project" / "models" / "staging" / feed
    staging.mkdir()
    for model in files.glob("stg_*"):
        shutil.copy(model, staging)
    expectations = project / "expectations" / feed
    shutil.copytree(files, expectations, ignore=shutil.ignore_patterns("stg_*"))
    hub("feed", "declare", feed)
    text = (project / UNION).read_text(encoding="utf-8")
    assert text.count(ONE_FEED) == 1
    (project / UNION).write_text(text.replace(ONE_FEED, f"{ONE_FEED}    'stg_{feed}',\n"), encoding="utf-8")
    hub("docs", "write")

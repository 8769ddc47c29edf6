"""A hub of a test's own, asked through the ``hub`` command alone."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from typer.testing import CliRunner

from hub.cli.main import app
from hub.settings import Settings


@dataclass(frozen=True)
class CommandedHub:
    """Runs commands as a person types them, in the process of the test, which spares each of them its start."""

    settings: Settings
    engine: sa.Engine

    def ingest(self, feed: str, paths: Sequence[Path]) -> list[dict[str, Any]]:
        """One answer a file; every file must have been loaded or be known."""
        printed = self._call("ingest", feed, *map(str, paths))
        return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]

    def release(self, delivery_id: str) -> dict[str, Any]:
        """Release a held delivery; its line of the ledger after that."""
        self._call("quarantine", "release", delivery_id)
        query = sa.text("select * from ledger.deliveries where delivery_id = :delivery")
        with self.engine.connect() as connection:
            return dict(connection.execute(query, {"delivery": delivery_id}).mappings().one())

    def build(self) -> None:
        """``hub build``; fails with what the hub says."""
        self._call("build")

    def publish(self) -> None:
        """``hub publish``; fails with what the hub says."""
        self._call("publish")

    def quarantined(self, delivery_id: str) -> dict[int, str]:
        """Rule by row number of one delivery."""
        query = sa.text("select row_number, rule from quarantine.rows where delivery_id = :delivery")
        with self.engine.connect() as connection:
            rows = connection.execute(query, {"delivery": delivery_id}).all()
        return {int(row.row_number): str(row.rule) for row in rows}

    def rules_broken(self) -> Counter[str]:
        """How many rows are in quarantine, by feed and rule."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.text("select feed, rule from quarantine.rows")).all()
        return Counter(f"{row.feed}: {row.rule}" for row in rows)

    def _call(self, *arguments: str) -> str:
        surroundings = {"HUB_HOME": str(self.settings.home), "HUB_WAREHOUSE_URL": self.settings.warehouse_url or ""}
        result = CliRunner(env=surroundings).invoke(app, list(arguments))
        assert result.exit_code == 0, (
            f"hub {arguments[0]} ended with {result.exit_code}: {result.exception!r}\n{result.output}"
        )
        return result.stdout

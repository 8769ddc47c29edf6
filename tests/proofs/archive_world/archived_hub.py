"""A hub that takes in statements, driven as people drive it, and all that its tables and files say of them."""

import csv
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import sqlalchemy as sa
from typer.testing import CliRunner

from hub.build.warehouse_build import build_warehouse
from hub.cli.main import app
from hub.contracts.model import Catalogue
from hub.deliveries import DeliveryStatus, RowState
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.release import reject_row, release_delivery, release_row
from hub.ingest.withdrawal import restore_delivery, withdraw_delivery
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from proofs.archive_world.doomed import FEED, surroundings
from proofs.archive_world.shelf import Shelf

SEEDS = "platforms", "hate_statement_paths"
WAY = "+agg_provider_statements__daily"
BY = "a.person"
BUILT_FROM = "select delivery_id, status, rows_accepted, withdrawn_at from ledger.deliveries"


@dataclass
class ArchivedHub:
    """Its deliveries by the names of their first files. It is ``built_by`` the project of the checkout."""

    settings: Settings
    catalogue: Catalogue
    shelf: Shelf
    scratch: Path
    built_by: Settings
    ids: dict[str, uuid.UUID] = field(default_factory=dict)
    repeats: dict[str, uuid.UUID] = field(default_factory=dict)
    built: dict[uuid.UUID, Any] = field(default_factory=dict)

    @cached_property
    def engine(self) -> sa.Engine:
        return open_warehouse(self.settings, Role.OWNER)

    @cached_property
    def loader(self) -> sa.Engine:
        return open_warehouse(self.settings, Role.LOADER)

    def ask(self, query: str, **given: object) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(sa.text(query), given).mappings())

    def receive(self, name: str, data: bytes) -> None:
        """A file comes; the same bytes may have come before."""
        path = self.scratch / name
        path.write_bytes(data)
        (receipt,) = collect_files(self.settings, self.loader, self.catalogue.contracts[FEED], [path])
        query = "select delivery_id, status from ledger.deliveries where file_name = :name"
        (arrived,) = self.ask(query, name=name)
        assert arrived["status"] == (DeliveryStatus.RECEIVED if receipt.is_first else DeliveryStatus.DUPLICATE)
        (self.ids if receipt.is_first else self.repeats)[name] = arrived["delivery_id"]

    def load(self, name: str) -> None:
        ingest_delivery(self.settings, self.loader, self.catalogue.contracts[FEED], self.ids[name])

    def release_held(self, name: str) -> None:
        release_delivery(self.settings, self.loader, self.catalogue, self.ids[name], BY)

    def withdraw(self, delivery: uuid.UUID) -> None:
        withdraw_delivery(self.settings, self.catalogue, delivery, because="a proof", decided_by=BY)

    def restore(self, name: str) -> None:
        restore_delivery(self.settings, self.catalogue, self.ids[name], because="a proof", decided_by=BY)

    def _quarantine_id(self, name: str, number: int) -> uuid.UUID:
        query = "select quarantine_id from quarantine.rows where delivery_id = :delivery and row_number = :number"
        (found,) = self.ask(query, delivery=self.ids[name], number=number)
        return uuid.UUID(str(found["quarantine_id"]))

    def let_in(self, name: str, number: int, correction: dict[str, str | None] | None) -> None:
        """A person lets in a row, as it is or corrected."""
        one = self._quarantine_id(name, number)
        done = release_row(self.settings, self.loader, self.catalogue, one, BY, correction)
        assert done.state in (RowState.RELEASED, RowState.CORRECTED)

    def leave_out(self, name: str, number: int) -> None:
        reject_row(self.settings, self.loader, self._quarantine_id(name, number), BY)

    def command(self, *arguments: str, code: int = 0) -> str:
        """What a command prints."""
        result = CliRunner(env=surroundings(self.settings)).invoke(app, list(arguments))
        assert result.exit_code == code, f"{arguments}: {result.exception!r}\n{result.output}"
        return result.stdout

    def sweep(self) -> str:
        return self.command("archive", "sweep")

    def read(self, *options: str, is_empty: bool = False) -> list[dict[str, Any]]:
        """What ``hub archive read`` writes into a file."""
        out = self.scratch / f"{uuid.uuid4()}.parquet"
        self.command("archive", "read", FEED, "--out", str(out), *options, code=int(is_empty))
        if is_empty:
            assert not out.exists()
            return []
        assert out.stat().st_mode & 0o777 == 0o600
        table = pq.read_table(out)
        out.unlink()
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows

    def give_seeds(self) -> None:
        """The lists that statements are read with, as the project has them: a build would load all lists."""
        with open_warehouse(self.settings, Role.TRANSFORMER).begin() as connection:
            for name in SEEDS:
                text = (self.built_by.dbt_project / "seeds" / f"{name}.csv").read_text(encoding="utf-8")
                rows = list(csv.DictReader(text.splitlines()))
                columns = ", ".join(f"{column} text" for column in rows[0])
                connection.execute(sa.text(f"create table reference.{name} ({columns})"))
                values = ", ".join(f"nullif(:{column}, '')" for column in rows[0])
                connection.execute(sa.text(f"insert into reference.{name} values ({values})"), rows)

    def figures(self, *, full_refresh: bool = False) -> Counter[tuple[Any, ...]]:
        """What analysts see after a build. It starts from nothing where a build of everything would."""
        if not self.built:
            self.give_seeds()
        build_warehouse(self.built_by, select=WAY, full_refresh=full_refresh or self._is_less_than_built())
        self.built = self._built_from()
        rows = self.ask(
            "select provider_code, registered_on, category, is_hate_path, decisions, automated_decision,"
            " is_detected_automatically, count_statements from marts.agg_provider_statements__daily"
        )
        found: Counter[tuple[Any, ...]] = Counter()
        for *place, count in (tuple(row.values()) for row in rows):
            found[(place[0], str(place[1]), *place[2:])] += count
        return found

    def _built_from(self) -> dict[uuid.UUID, Any]:
        return {row["delivery_id"]: row for row in self.ask(BUILT_FROM)}

    def _is_less_than_built(self) -> bool:
        """Whether what was built before is loaded no longer, or was withdrawn meanwhile."""
        now = self._built_from()
        return not self.built or any(
            one["status"] in ("loaded", "duplicate")
            and (
                now[delivery]["status"] != one["status"]
                or now[delivery]["rows_accepted"] < one["rows_accepted"]
                or now[delivery]["withdrawn_at"] != one["withdrawn_at"]
            )
            for delivery, one in self.built.items()
        )


def by_delivery(rows: Iterable[Any]) -> dict[uuid.UUID, list[Any]]:
    """Rows of a table by their delivery."""
    found: dict[uuid.UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row["delivery_id"], []).append(row)
    return found

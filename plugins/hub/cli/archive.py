"""``hub archive``: rows of feeds that are not followed, which are kept in the store and counted."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import pyarrow.parquet as pq
import typer

from hub.cli.messages import MISUSED, fail, no_such
from hub.contracts.model import read_catalogue
from hub.ingest.archive.reading import read_archive
from hub.ingest.archive.upkeep import remove_all_unlisted
from hub.settings import read_settings
from hub.vault import audit
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

app = typer.Typer(
    no_args_is_help=True, help="Rows that are not followed: write them to a file, remove what is left over."
)


@app.command()
def read(
    feed: Annotated[str, typer.Argument(help="A feed whose contract says what is followed")],
    out: Annotated[Path, typer.Option(help="Parquet file to write, in the clear; it must not be there yet")],
    sender: Annotated[str | None, typer.Option(help="Only of this sender, as it writes itself")] = None,
    day: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only of this day")] = None,
) -> None:
    """Write archived rows into one Parquet file, with the delivery and row number of each."""
    settings = read_settings()
    feeds = read_catalogue(settings.expectations).contracts
    if feed not in feeds:
        fail(no_such("feed", feed, feeds), MISUSED)
    if out.exists():
        fail(f"{out} is there already", MISUSED)
    asked = {"feed": feed, "sender": sender, "day": day and f"{day:%Y-%m-%d}"}
    audit.append(settings, audit.Entry(audit.account(), "archive read", "hub archive read", asked))
    engine, count, writer = open_warehouse(settings, Role.OWNER), 0, None
    out.touch(mode=0o600)
    try:
        for rows in read_archive(settings, engine, feed, sender=sender, day=day.date() if day else None):
            writer = writer or pq.ParquetWriter(out, rows.schema, compression="zstd")
            writer.write_table(rows.cast(writer.schema))
            count += rows.num_rows
    finally:
        if writer is not None:
            writer.close()
    if writer is None:
        out.unlink()
        fail("the archive has no such rows")
    typer.echo(f"{count:,} rows in {out}")


@app.command()
def sweep() -> None:
    """Remove files that no delivery lists: of loads that were killed, and of deliveries that were withdrawn."""
    settings = read_settings()
    typer.echo(f"{remove_all_unlisted(settings, open_warehouse(settings, Role.OWNER))} files removed")

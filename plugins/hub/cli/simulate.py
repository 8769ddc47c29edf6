"""``hub simulate``: deliveries of every feed with known truth."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from hub.cli.messages import fail
from hub.simulate.plan import DEFAULT_END, Plan
from hub.simulate.simulation import Simulated, simulate


def simulate_command(
    out: Annotated[Path, typer.Option(help="Folder to write to; it must be empty or not there yet.")],
    reports: Annotated[int, typer.Option(min=1, help="How many reports, over all days.")] = 5000,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Over how many days.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    end: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day.")] = datetime(
        DEFAULT_END.year, DEFAULT_END.month, DEFAULT_END.day
    ),
    daily: Annotated[
        int | None, typer.Option(min=1, help="Only the last so many days in files of their own, the rest in a few.")
    ] = None,
    waves: Annotated[bool, typer.Option("--waves", help="Now and then an area sees more for weeks.")] = False,
) -> None:
    """Write a folder for each feed with deliveries in its true form, and what is true of every record."""
    if out.exists() and any(out.iterdir()):
        # Files of another plan among these would make the truth untrue.
        fail(f"{out} is not empty; nothing was written")
    plan = Plan(reports=reports, days=days, seed=seed, end=end.date(), has_waves=waves)
    console = Console(stderr=True)
    with console.status("simulating") as status:
        files_from = None if daily is None else plan.end - timedelta(days=daily - 1)
        written = simulate(plan, out, lambda step: status.update(f"simulating: {step}"), files_from=files_from)
    for feed in written:
        typer.echo(_line(feed))
    typer.echo(f"truth: {out / 'truth' / 'records.csv'}")


def _line(feed: Simulated) -> str:
    files = "file" if feed.count_files == 1 else "files"
    return f"{feed.feed}: {feed.count_records:,} records in {feed.count_files} {files}, {feed.count_dirty:,} dirty"

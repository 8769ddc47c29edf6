"""``hub backup``, ``hub restore`` and ``hub drill``: the hub leaves its machine, and comes back."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from hub.backup.make import make_backup
from hub.backup.places import BackupProblem
from hub.cli.messages import complain, fail
from hub.contracts.model import read_catalogue
from hub.recovery.drill import drill as carry_out_drill
from hub.recovery.proofs import Proof
from hub.recovery.restore import restore as carry_out_restore
from hub.settings import MEBIBYTE, read_settings
from hub.store import StoreProblem
from hub.vault.encrypted_file import FileDamaged
from hub.vault.hub_keys import KeyProblem
from hub.warehouse.embedded_postgres import PostgresProblem

PROBLEMS = (BackupProblem, FileDamaged, KeyProblem, PostgresProblem, StoreProblem, OSError)
To = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"], help="UTC; without it, the latest"),
]


def backup() -> None:
    """Take a base backup of the running hub, copy its keys apart, and remove backups that are too old."""
    try:
        made = make_backup(read_settings())
    except PROBLEMS as problem:
        fail(problem)
    typer.echo(f"{made.base.path}: {made.bytes / MEBIBYTE:.1f} MiB, encrypted")
    typer.echo(f"{made.count_keys} key files are new or changed; {made.count_gone} old base backups were removed")


def restore(to: To = None) -> None:
    """Restore the hub into an empty home, as it was at a moment. Every erasure since is done again before anybody may
    connect. Ends with 1 where something is wrong with what came back."""
    settings = read_settings()
    try:
        done = carry_out_restore(
            settings, read_catalogue(settings.expectations), to.replace(tzinfo=UTC) if to else None
        )
    except PROBLEMS as problem:
        fail(problem)
    typer.echo(f"from the base backup of {done.base_taken_at:%Y-%m-%d %H:%M:%S} UTC; {done.count_landed} landed files")
    typer.echo(f"erasures done again: {', '.join(done.erased_again) or 'none'}")
    if done.count_unknown:
        typer.echo(
            f"{done.count_unknown} landed files arrived after the restored moment, so the ledger does not know them: "
            "ask their senders to deliver them again"
        )
    _tell(done.proofs, done.seconds)
    if done.problems:
        raise typer.Exit(1)
    typer.echo("hub run --samples none starts the hub")


def drill() -> None:
    """Restore the newest backup into a scratch server and check it; exits with 1 where something is wrong."""
    settings = read_settings()
    try:
        done = carry_out_drill(settings, read_catalogue(settings.expectations))
    except PROBLEMS as problem:
        fail(problem)
    typer.echo(f"from the base backup {done.base_taken_at}; {done.erased_again} erasures done again")
    _tell(done.proofs, done.seconds)
    if done.problems:
        raise typer.Exit(1)


def _tell(proofs: list[Proof], seconds: dict[str, float]) -> None:
    for proof in proofs:
        typer.echo(f"{proof.name}: {proof.found}, {'WRONG' if proof.problems else 'ok'}")
        for problem in proof.problems:
            complain(problem)
    typer.echo(", ".join(f"{step} {took} s" for step, took in seconds.items()))

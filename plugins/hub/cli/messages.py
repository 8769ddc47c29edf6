"""The one form in which the ``hub`` command says what is wrong: ``hub: <message>`` on standard error."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import NoReturn

import typer

REFUSED, MISUSED, UNREACHABLE = 1, 2, 3
"""Exit codes: it was refused or failed; it was asked for wrongly; the warehouse cannot be reached."""


def complain(message: object) -> None:
    """Print a message and go on."""
    typer.echo(f"hub: {message}", err=True)


def fail(message: object, code: int = REFUSED) -> NoReturn:
    """Print a message and end the command."""
    complain(message)
    raise typer.Exit(code)


def no_such(kind: str, name: str, known: Iterable[str]) -> str:
    """Says that there is no such thing, which was probably meant, and which there are."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    meant = f"; did you mean {close[0]}?" if close else "."
    return f"there is no {kind} {name!r}{meant} There are: {', '.join(names) or 'none'}"

"""Where the ``hub`` command begins."""

import importlib

from hub.lean_imports import garbage_left_alone


def main() -> None:
    """Import the command and run it."""
    with garbage_left_alone():
        command = importlib.import_module("hub.cli")
    command.main()

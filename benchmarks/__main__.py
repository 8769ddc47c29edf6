"""``python -m benchmarks [--small] [NAME ...]``: those named of :data:`MEASUREMENTS`, or all of them.

Ends with 1 when a limit is not kept. ``--small`` takes a shorter history where a whole one takes more than a few
minutes.
"""

import functools
import sys
from collections.abc import Callable

from benchmarks import day, linkage, load, parse, publish, restore, truth, vault, warehouse

MEASUREMENTS: dict[str, Callable[[], bool]] = {
    "load": load.run,
    "vault": vault.run,
    "parse": parse.run,
    "day": day.run,
    "linkage": linkage.run,
    "warehouse": warehouse.run,
    "publish": publish.run,
    "truth": truth.run,
    "restore": restore.run,
}
SMALL: dict[str, Callable[[], bool]] = {
    "warehouse": functools.partial(warehouse.run, small=True),
    "restore": functools.partial(restore.run, small=True),
}


def main(names: list[str]) -> int:
    """Run the named measurements."""
    chosen = MEASUREMENTS | SMALL if "--small" in names else MEASUREMENTS
    names = [name for name in names if name != "--small"]
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        print(f"no measurement {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    kept = []
    for name in names or MEASUREMENTS:
        print(f"{name}:", flush=True)
        kept.append(chosen[name]())
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""``python -m benchmarks [load|parse|day|linkage]``: all of them without a name. Ends with 1 when a limit is not
kept."""

import sys
from collections.abc import Callable

from benchmarks import day, linkage, load, parse

MEASUREMENTS: dict[str, Callable[[], bool]] = {
    "load": load.run,
    "parse": parse.run,
    "day": day.run,
    "linkage": linkage.run,
}


def main(names: list[str]) -> int:
    """Run the named measurements."""
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        print(f"no measurement {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}", file=sys.stderr)
        return 2
    kept = []
    for name in names or MEASUREMENTS:
        print(f"{name}:", flush=True)
        kept.append(MEASUREMENTS[name]())
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

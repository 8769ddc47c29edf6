"""``python -m benchmarks [--small | --smallest] [NAME ...]``: those named of :data:`MEASUREMENTS`, or all of them.

Ends with 1 when a limit is not kept. ``--small`` takes a shorter history where a whole one takes more than a few
minutes; ``--smallest`` shows only that a measurement comes to its end.
"""

import sys
from collections.abc import Callable
from functools import partial

from benchmarks import day, exchange, linkage, load, parse, publish, restore, truth, vault, warehouse
from hub.simulate.plan import Plan

MEASUREMENTS: dict[str, Callable[[], bool]] = {
    "load": load.run,
    "vault": vault.run,
    "parse": parse.run,
    "day": day.run,
    "exchange": exchange.run,
    "linkage": linkage.run,
    "warehouse": warehouse.run,
    "publish": publish.run,
    "truth": truth.run,
    "restore": restore.run,
}
SMALL: dict[str, Callable[[], bool]] = {
    "warehouse": partial(warehouse.run, (20_000, 100_000)),
    "restore": partial(restore.run, 100_000),
}
SMALLEST: dict[str, Callable[[], bool]] = {
    "load": partial(load.run, 2_000, 4_000),
    "vault": partial(vault.run, 500, 500),
    "day": partial(day.run, 50),
    "exchange": partial(exchange.run, 300, 5),
    "linkage": partial(linkage.run, Plan(reports=300, days=40, seed=1), 10),
    "warehouse": partial(warehouse.run, (200, 400), 30),
    "publish": partial(publish.run, 1_000),
    "truth": partial(truth.run, Plan(reports=300, days=40, seed=1)),
    "restore": partial(restore.run, 200, 30),
}


def main(arguments: list[str]) -> int:
    """Run the named measurements."""
    chosen = dict(MEASUREMENTS)
    for option, others in (("--small", SMALL), ("--smallest", SMALLEST)):
        chosen |= others if option in arguments else {}
    names = [name for name in arguments if not name.startswith("--small")]
    if unknown := [name for name in names if name not in chosen]:
        print(f"no measurement {', '.join(unknown)}; there are {', '.join(chosen)}", file=sys.stderr)
        return 2
    kept = []
    for name in names or chosen:
        print(f"{name}:", flush=True)
        kept.append(chosen[name]())
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Lists the mutations of a simulation, or writes them.

In ``tests``: ``python -m proofs.drift_mutations FOLDER --family thin``.

Simulate first, for example with ``hub simulate --out FOLDER --reports 12000 --days 120`` (thin, 100 reports a day) or
``--reports 64000`` (dense).
"""

import argparse
import json
from pathlib import Path

from proofs.drift_mutations.choice import Mutation, choose
from proofs.drift_mutations.families import ROLE_FAMILIES
from proofs.drift_mutations.simulation import read_simulation


def main() -> None:
    """Prints each mutation with what is true of it, as a line of JSON."""
    parser = argparse.ArgumentParser(prog="drift_mutations", description=__doc__)
    parser.add_argument("simulated", type=Path, help="folder that `hub simulate` wrote")
    parser.add_argument("--family", choices=sorted(ROLE_FAMILIES), required=True)
    parser.add_argument("--seed", type=int, default=1, help="freezes which mutations are chosen")
    parser.add_argument("--out", type=Path, help="write each mutation's files to OUT/<number>/<feed>")
    asked = parser.parse_args()
    feeds = read_simulation(asked.simulated)
    choice = choose(feeds, ROLE_FAMILIES[asked.family], asked.seed)
    for number, mutation in enumerate(choice.mutations, 1):
        print(json.dumps({"number": number, **truth_of(mutation)}, ensure_ascii=False))
        if asked.out is not None:
            mutation.write(feeds[mutation.what.feed], asked.out / f"{number:03}")
    for why, several in (
        ("too few to see", choice.too_few_to_see),
        ("too faint to see", choice.too_faint_to_see),
        ("too faint on the first day", choice.too_faint_on_first_day),
    ):
        for mutation in several:
            print(json.dumps({"left_out": why, **truth_of(mutation)}, ensure_ascii=False))


def truth_of(mutation: Mutation) -> dict[str, object]:
    """What is true of a mutation, and how plainly it shows."""
    what = mutation.what
    return {
        "name": mutation.name,
        "kind": what.kind,
        "feed": what.feed,
        "senders": what.senders,
        "columns": what.columns,
        "codes": what.codes,
        "first_day": mutation.turn.first.isoformat(),
        "complete_on": mutation.turn.full.isoformat(),
        "rows_a_day": round(mutation.rows_a_day, 1),
        "seen_on_first_day": round(mutation.seen_on_first, 1),
        "seen_in_three_days": round(mutation.seen_in_three, 1),
        "seen_in_ten_days": round(mutation.seen_in_ten, 1),
    }


if __name__ == "__main__":
    main()

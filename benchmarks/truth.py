"""How much of the truth is found, on simulated deliveries that go through everything a real one goes through.

Its seed is none that any rule or parameter was tuned on.
"""

import tempfile
from pathlib import Path

from benchmarks.own_hub import delivered_files, own_hub
from benchmarks.report import Line, print_lines
from benchmarks.truth_scores import TruthScores, score_truth
from hub.build.warehouse_build import build_warehouse
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate

PLAN = Plan(reports=100_000, days=60, seed=7_310_551)
LEAST_INCIDENT_PRECISION, LEAST_INCIDENT_RECALL = 0.99, 0.97
LEAST_PERSON_PRECISION, LEAST_PERSON_RECALL = 0.99, 0.93
LEAST_FORCES_RIGHT = 0.99


def run(plan: Plan = PLAN) -> bool:
    """Measure and print; returns whether every limit is kept."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder, own_hub() as hub:
        deliveries = Path(folder, "simulated")
        simulate(plan, deliveries)
        hub.take_in(delivered_files(deliveries))
        build = build_warehouse(hub.settings)
        scores = score_truth(hub.settings, hub.engine, deliveries / "truth" / "records.csv")
    print(f"{plan.reports:,} reports over {plan.days} days, seed {plan.seed}; built in {build.seconds:.0f} s")
    return print_lines(lines_of(scores))


def lines_of(scores: TruthScores) -> list[Line]:
    """What was found, each figure beside the share that may be wrong."""
    incidents, persons, knowable = scores.incidents, scores.persons, scores.knowable_persons
    lines = [
        _share("incidents, precision", incidents.precision, LEAST_INCIDENT_PRECISION, f"of {incidents.found:,} pairs"),
        _share("incidents, recall", incidents.recall, LEAST_INCIDENT_RECALL, f"of {incidents.true:,} pairs"),
        _share("persons, precision", persons.precision, LEAST_PERSON_PRECISION, f"of {persons.found:,} pairs"),
        _share("persons, recall", persons.recall, LEAST_PERSON_RECALL, f"of {persons.true:,} pairs"),
        _share("  named or not, precision", knowable.precision, LEAST_PERSON_PRECISION, f"of {knowable.found:,} pairs"),
        _share("  named or not, recall", knowable.recall, LEAST_PERSON_RECALL, f"of {knowable.true:,} pairs"),
    ]
    lines.append(Line("  over all victims, precision", scores.all_persons.precision * 100, "%"))
    lines.append(Line("  over all victims, recall", scores.all_persons.recall * 100, "%"))
    all_pairs = max(scores.all_persons.true, 1)
    lines.append(Line("  … of which tell a postcode or birth date alone", (1 - knowable.true / all_pairs) * 100, "%"))
    lines.append(Line("  … the most that any evidence could join", scores.most_person_pairs / all_pairs * 100, "%"))
    for what, forces in (("report", scores.located), ("first allocation", scores.allocated)):
        base = f"of {forces.scored:,} ({forces.without_evidence:,} more without evidence)"
        lines.append(_share(f"force of the {what}", forces.share_right, LEAST_FORCES_RIGHT, base))
    explained = scores.count_explained / scores.count_allocations if scores.count_allocations else 1.0
    dirt = scores.dirt
    caught = dirt.caught / dirt.planted if dirt.planted else 1.0
    return [
        *lines,
        _share("allocations explained", explained, 1.0, f"of {scores.count_allocations:,}"),
        _share("dirt caught by its rule", caught, 1.0, f"of {dirt.planted:,} rows"),
        Line("clean rows refused", dirt.clean_refused, "rows", dirt.clean_refused, 0, "rows"),
    ]


def _share(what: str, share: float, least: float, of: str) -> Line:
    # Held against what may be wrong, because a limit is the most that is allowed.
    return Line(what, share * 100, "%", (1 - share) * 100, round((1 - least) * 100, 2), f"% wrong {of}")

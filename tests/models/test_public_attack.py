"""A reader who keeps all public tables of several years cannot work out what is kept back.

``HUB_ATTACK_SEED`` chooses other cases for the long form; ``HUB_ATTACK_MONTHS`` says how many months lie between two
issues of three years: with 1 instead of 3 the decisions take hours, because an issue is decided beside all before it.
"""

import dataclasses
import os

import pytest

from hub.settings import Settings
from proofs.public_attack.attack import Leak, attack
from proofs.public_attack.cases import make_world
from proofs.public_attack.dates import told_by_revisions, told_within_a_month
from proofs.public_attack.fed_hub import FedHub
from proofs.public_attack.promises import broken_promises
from proofs.public_attack.seen import Figure

SEED = int(os.environ.get("HUB_ATTACK_SEED", "4"))
MONTHS_PER_ISSUE = int(os.environ.get("HUB_ATTACK_MONTHS", "3"))
SMALL_COUNTRY = {
    "E23000001": "E12000007",
    "E23000034": "E12000007",
    "E23000032": "E12000008",
    "E23000033": "E12000008",
    "unknown": "all",
    "E12000007": "all",
    "E12000008": "all",
}
LARGER_COUNTRY = SMALL_COUNTRY | {
    "E23000013": "E12000001",
    "E23000007": "E12000001",
    "E12000001": "all",
    "W15000001": "W92000004",
    "W15000002": "W92000004",
    "W15000003": "W92000004",
    "W15000004": "W92000004",
    "W92000004": "all",
}


def found_by_attack(hub: FedHub) -> list[Leak]:
    """Everything that a reader of all publishes learns and should not."""
    issues, geography = hub.issues(), hub.world.geography
    return [
        *broken_promises(issues, geography),
        *attack(issues, geography),
        *told_within_a_month(hub.seen),
        *told_by_revisions(hub.seen[-1]),
    ]


def told(leaks: list[Leak]) -> str:
    return "\n".join(str(leak) for leak in leaks[:40])


@pytest.mark.long
def test_nothing_hidden_is_found_from_some_publishes_of_two_years(warehouse: Settings) -> None:
    hub = FedHub(warehouse, make_world(SMALL_COUNTRY, months=16, cases_a_month=20, seed=3))
    for month in (10, 12, 14):
        hub.publish_month(month)
    hub.switch_back()
    hub.publish_month(15, is_first=False)
    leaks = found_by_attack(hub)
    assert not leaks, told(leaks)
    assert _opened_by_hand(hub)


@pytest.mark.long
def test_nothing_hidden_is_found_from_all_publishes_of_three_years(warehouse: Settings) -> None:
    hub = FedHub(warehouse, make_world(LARGER_COUNTRY, months=34, cases_a_month=60, seed=SEED))
    for number, month in enumerate(range(2, 34, MONTHS_PER_ISSUE), 1):
        hub.publish_month(month)
        if number % 5 == 0:
            hub.publish_month(month + 1, is_first=False)
        if number % 4 == 0:
            hub.switch_back()
    leaks = found_by_attack(hub)
    assert not leaks, told(leaks)
    assert _opened_by_hand(hub)


def _opened_by_hand(hub: FedHub) -> bool:
    """Whether the attack finds something as soon as one of the hidden figures is shown."""
    *earlier, last = hub.issues()
    covers = [cell for cell, figure in last.figures.items() if figure.mark == "suppressed" and last.counts[cell] > 5]
    for cell in covers:
        opened = Figure("shown", (last.counts[cell] + 2) // 5 * 5)
        changed = dataclasses.replace(last, figures={**last.figures, cell: opened})
        of_block = [dataclasses.replace(one, figures=one.of(cell.block)) for one in (*earlier, changed)]
        if attack(of_block, hub.world.geography, of={len(earlier)}):
            return True
    return False

"""The replay law: whatever the order in which deliveries come, however often and in however many files, the marts are
the same. Only lineage (which delivery brought a row, and when) and the ledger's own tables may differ.

It holds for deliveries whose names give their place. Of two versions of a record in deliveries of one place, the time
of receipt decides, so a file is split by records here, and each part keeps its name."""

import csv
import io
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from conftest import share_keys
from hub.build.warehouse_build import build_warehouse
from hub.contracts.model import Catalogue, Contract
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings
from hub.simulate.plan import Plan
from hub.simulate.simulation import simulate
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.rows import fetch
from models.tables import LINEAGE, Rows, contents, differing

PLAN = Plan(reports=60, days=2, seed=20_171_101)
OPERATIONS = {
    "marts.fct_deliveries",
    "marts.dim_feed",
    "marts.dim_as_of",
    "marts.agg_feed_freshness",
    "marts.agg_quarantined__monthly",
}
KNOWN_THEN = {"marts.fct_victim_journey_versions", "marts.fct_journey_event_versions"}
"""What was known when: by its meaning it rests on when deliveries came."""
ANY = settings(
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
"""An example takes the better part of a minute: a smaller one would not be looked for."""
Warehouse = Callable[[], Settings]
Undisturbed = tuple[Settings, dict[str, Rows]]


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Path]]:
    """Feed and file of every simulated delivery."""
    folder = tmp_path_factory.mktemp("deliveries")
    simulate(PLAN, folder)
    correct(sorted((folder / "true_vision_reports").iterdir()))
    return [(path.parent.name, path) for path in sorted(folder.glob("*/*")) if path.parent.name != "truth"]


def correct(files: list[Path]) -> None:
    """Two more deliveries of True Vision: records of the first with other strands, and most of those with the text that
    they had before."""
    header, *rows = csv.reader(io.StringIO(files[0].read_text(encoding="utf-8"), newline=""))
    rows = [row for row in rows if len(row) == len(header)]
    place, number = header.index("strands"), int(files[-1].stem.rpartition("_")[2])
    changed = [[*row[:place], "disability", *row[place + 1 :]] for row in rows]
    for later, records in enumerate((changed, rows[1:]), start=1):
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([header, *records])
        name = f"true_vision_2026-11-0{later}_{number + later:06}.csv"
        files[0].with_name(name).write_text(text.getvalue(), encoding="utf-8")


def marts_after(
    settings: Settings, catalogue: Catalogue, arrivals: list[tuple[str, Path]], builds: int
) -> dict[str, Rows]:
    """What the marts hold after the arrivals, with a build after each of so many parts of them."""
    engine = open_warehouse(settings, Role.OWNER)
    prepare_warehouse(engine, catalogue.contracts.values())
    for part in range(builds):
        for feed, path in arrivals[len(arrivals) * part // builds : len(arrivals) * (part + 1) // builds]:
            for receipt in collect_files(settings, engine, catalogue.contracts[feed], [path]):
                ingest_delivery(settings, engine, catalogue.contracts[feed], receipt.delivery_id)
        build_warehouse(settings)
    found = contents(engine, "marts", without=LINEAGE)
    return {name: rows for name, rows in found.items() if name not in OPERATIONS | KNOWN_THEN}


def shuffled(
    chance: random.Random, catalogue: Catalogue, deliveries: list[tuple[str, Path]], folder: Path
) -> list[tuple[str, Path]]:
    """The deliveries in another order: some twice, some in two files."""
    arrivals = []
    for number, (feed, path) in enumerate(deliveries):
        halves = list(split(chance, catalogue.contracts[feed], path, folder / str(number)))
        arrivals += [(feed, half) for half in (halves if halves and chance.random() < 0.4 else [path])]
        if chance.random() < 0.2:
            arrivals.append((feed, path))
    chance.shuffle(arrivals)
    return arrivals


def split(chance: random.Random, contract: Contract, path: Path, folder: Path) -> Iterator[Path]:
    """A CSV file in two, where its records have a key. Those of one key stay together: that a delivery has a key twice
    is a fault of that delivery, and equal records without a key are separate ones only within a delivery."""
    keys = [column for column in contract.columns if column.unique]
    if path.suffix != ".csv" or not keys:
        return
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
    places = [rows[0].index(next(name for name in key.headers if name in rows[0])) for key in keys]
    records = [(tuple(row[place] for place in places), row) for row in rows[1:] if len(row) > max(places)]
    if len(records) < len(rows) - 1:  # a torn record has no key to go by
        return
    first_half = {key for key, _ in records if chance.random() < 0.5}
    for half in (True, False):
        chosen = [row for key, row in records if (key in first_half) is half]
        if chosen:
            text = io.StringIO(newline="")
            csv.writer(text, lineterminator="\n").writerows([rows[0], *chosen])
            part = folder / str(half) / path.name
            part.parent.mkdir(parents=True)
            part.write_text(text.getvalue(), encoding="utf-8")
            yield part


@pytest.fixture
def in_order(make_settings: Warehouse, catalogue: Catalogue, deliveries: list[tuple[str, Path]]) -> Undisturbed:
    """A hub to which every delivery came once, in order, and what its marts hold after one build."""
    hub = make_settings()
    found = marts_after(hub, catalogue, deliveries, builds=1)
    assert found["marts.fct_reports"]
    # Of the two further deliveries, one record keeps its changed text.
    in_staging = (
        "select strands from staging.stg_true_vision_reports where delivery_id in"
        " (select delivery_id from ledger.deliveries where file_name like 'true_vision_2026-11-01%')"
    )
    assert fetch(open_warehouse(hub, Role.OWNER), in_staging) == [["disability"]]
    return hub, found


def changed_by_order(
    chance: random.Random,
    in_order: Undisturbed,
    make_settings: Warehouse,
    catalogue: Catalogue,
    deliveries: list[tuple[str, Path]],
    most_builds: int,
) -> dict[str, list[str]]:
    """The marts that are others after the same deliveries in another order, repeated and split, with builds between."""
    hub, expected = in_order
    other = make_settings()
    share_keys(hub, other)
    arrivals = shuffled(chance, catalogue, deliveries, other.home / "arrivals")
    found = marts_after(other, catalogue, arrivals, builds=chance.randint(1, most_builds))
    return differing(expected, found)


@pytest.mark.long
@given(seed=st.integers(min_value=0, max_value=2**32 - 1))
@settings(ANY, max_examples=1)
def test_order_repetition_and_split_do_not_matter(
    seed: int,
    in_order: Undisturbed,
    make_settings: Warehouse,
    catalogue: Catalogue,
    deliveries: list[tuple[str, Path]],
) -> None:
    assert changed_by_order(random.Random(seed), in_order, make_settings, catalogue, deliveries, most_builds=1) == {}


@pytest.mark.long
@given(seed=st.integers(min_value=0, max_value=2**32 - 1))
@settings(ANY, max_examples=12)
def test_order_repetition_and_split_do_not_matter_many_times(
    seed: int,
    in_order: Undisturbed,
    make_settings: Warehouse,
    catalogue: Catalogue,
    deliveries: list[tuple[str, Path]],
) -> None:
    assert changed_by_order(random.Random(seed), in_order, make_settings, catalogue, deliveries, most_builds=3) == {}

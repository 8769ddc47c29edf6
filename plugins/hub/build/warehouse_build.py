"""A build of the warehouse in five steps: dbt up to what linkage reads, linkage of incidents and of people, dbt over
the rest, disclosure control.

``hub build`` takes them one after the other; in Airflow each is a task, so that one that failed is tried again alone.
A build takes in what the ledger says is new since the last one that succeeded. It starts from nothing (a full refresh)
where that would not give the same tables: when the project's code has changed, or a delivery that was built is loaded
no longer.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from hub.build import BuildFailed, NodeResult, Part, Scope, builds, code_hash, dbt_project, run_dbt, seeds_hash
from hub.contracts.model import read_catalogue
from hub.disclosure.suppress import CannotBeProtected
from hub.ingest.bounds_again import TakenOut, quarantine_out_of_bounds
from hub.ingest.prepare import prepare_warehouse
from hub.linkage import tables as linkage_tables
from hub.settings import Settings
from hub.warehouse import build_lock
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

REFERENCE = "reference"

type Listener = Callable[[NodeResult], None]
type ReadProject = Callable[[], "Manifest"]


@dataclass(frozen=True)
class Build:
    """A build that has begun, as it is handed from step to step: its number in ``ledger.builds``, and what dbt is
    asked for."""

    build_id: int
    is_full: bool
    loads_seeds: bool
    select: str | None = None
    unit_tests: bool = False

    def scope(self, part: Part | None) -> Scope:
        return Scope(
            select=self.select,
            part=part,
            full_refresh=self.is_full,
            loads_seeds=self.loads_seeds,
            unit_tests=self.unit_tests,
        )


@dataclass(frozen=True)
class BuildResult:
    """A build that went well: its number in ``ledger.builds``, all its nodes in the order in which they ended, how many
    seconds each step took, and what was taken out before it because it breaks a bound of its contract."""

    build_id: int
    nodes: tuple[NodeResult, ...]
    seconds: float
    is_full: bool
    parts: Mapping[str, float] = field(default_factory=dict)
    taken_out: tuple[TakenOut, ...] = ()

    @property
    def models(self) -> tuple[NodeResult, ...]:
        return tuple(node for node in self.nodes if node.kind == "model")


def build_warehouse(
    settings: Settings,
    *,
    select: str | None = None,
    full_refresh: bool = False,
    unit_tests: bool = False,
    on_node: Listener | None = None,
) -> BuildResult:
    """Build everything, or only ``select`` (dbt's own notation; linkage is then left as it is). ``on_node`` hears of
    each node as it ends.

    Raises :class:`BuildFailed` when the project cannot be read, or a model or test fails. A second build waits for the
    first.
    """
    began = time.monotonic()
    read_project = cache(lambda: dbt_project(settings))
    with build_lock.one_build_at_a_time(open_warehouse(settings, Role.TRANSFORMER)):
        build, taken_out = begin_build(settings, select=select, full_refresh=full_refresh, unit_tests=unit_tests)
        nodes: tuple[NodeResult, ...] = ()
        parts: dict[str, float] = {}
        for name in STEPS if select is None else ("selection",):
            step_began = time.monotonic()
            nodes += run_step(settings, build, name, on_node, read_project)
            parts[name] = time.monotonic() - step_began
        end_build(settings, build, len(nodes))
    return BuildResult(build.build_id, nodes, time.monotonic() - began, build.is_full, parts, taken_out)


def begin_build(
    settings: Settings, *, select: str | None = None, full_refresh: bool = False, unit_tests: bool = False
) -> tuple[Build, tuple[TakenOut, ...]]:
    """Write down that a build begins, and take out rows that an earlier contract let in and the present one would not.
    The caller holds the lock of builds."""
    owner, contracts = open_warehouse(settings, Role.OWNER), read_catalogue(settings.expectations).contracts.values()
    prepare_warehouse(owner, contracts)
    engine = open_warehouse(settings, Role.TRANSFORMER)
    taken_out = tuple(quarantine_out_of_bounds(settings, owner, contracts))
    code, seeds = code_hash(settings.dbt_project), seeds_hash(settings.dbt_project)
    is_full = full_refresh or (select is None and builds.must_start_from_nothing(engine, code))
    loads_seeds = is_full or not _has_seeds(settings, seeds)
    build_id = builds.start_build(engine, selection=select, code_sha256=code, seeds_sha256=seeds)
    return Build(build_id, is_full, loads_seeds, select, unit_tests), taken_out


def run_step(
    settings: Settings,
    build: Build,
    name: str,
    on_node: Listener | None = None,
    read_project: ReadProject | None = None,
) -> tuple[NodeResult, ...]:
    """One of :data:`STEPS` (or ``selection``), with the dbt project as it is now where nobody has read it before.

    Returns what dbt did in it; raises :class:`BuildFailed` when a model or test of it fails, and the ledger says so.
    The caller holds the lock of builds."""
    read_project = read_project or (lambda: dbt_project(settings))
    try:
        return {**STEPS, "selection": _build_selection}[name](settings, build, read_project, on_node)
    except BuildFailed as failure:
        failed = [node.name for node in failure.nodes if not node.is_good]
        builds.finish_build(
            open_warehouse(settings, Role.TRANSFORMER),
            build.build_id,
            failed=failed,
            count_nodes=len(failure.nodes),
            succeeded=False,
            reason=str(failure),
        )
        raise


def end_build(settings: Settings, build: Build, count_nodes: int) -> None:
    """Write down that every step went well."""
    engine = open_warehouse(settings, Role.TRANSFORMER)
    builds.finish_build(engine, build.build_id, failed=[], count_nodes=count_nodes, succeeded=True)


def _stage(
    settings: Settings, build: Build, read_project: ReadProject, on_node: Listener | None
) -> tuple[NodeResult, ...]:
    return run_dbt(settings, read_project(), build.scope(Part.BEFORE_LINKAGE), on_node)


def _link_incidents(settings: Settings, build: Build, _: ReadProject, __: Listener | None) -> tuple[NodeResult, ...]:
    # Imported here: what linkage brings with it takes seconds, and a build of a selection does without.
    from hub.linkage.incidents import link_incidents  # noqa: PLC0415

    linker = open_warehouse(settings, Role.LINKER)
    brought = None if build.is_full else builds.new_deliveries(linker)
    link_incidents(settings, linker, full=build.is_full, deliveries=brought)
    linkage_tables.analyze(linker)
    return ()


def _link_people(settings: Settings, build: Build, _: ReadProject, __: Listener | None) -> tuple[NodeResult, ...]:
    from hub.linkage.people import link_people  # noqa: PLC0415

    linker = open_warehouse(settings, Role.LINKER)
    brought = None if build.is_full else builds.new_deliveries(linker)
    link_people(settings, linker, full=build.is_full, deliveries=brought)
    linkage_tables.analyze(linker)
    builds.note_linked(open_warehouse(settings, Role.TRANSFORMER), build.build_id)
    return ()


def _build_marts(
    settings: Settings, build: Build, read_project: ReadProject, on_node: Listener | None
) -> tuple[NodeResult, ...]:
    manifest = read_project()
    nodes = run_dbt(settings, manifest, build.scope(Part.AFTER_LINKAGE), on_node)
    if build.is_full:
        known = {node.relation_name for node in manifest.nodes.values()}
        builds.drop_unknown(open_warehouse(settings, Role.TRANSFORMER), known)
    return nodes


def _check_disclosure(settings: Settings, _: Build, __: ReadProject, ___: Listener | None) -> tuple[NodeResult, ...]:
    from hub.disclosure.disclose import disclose  # noqa: PLC0415

    try:
        disclose(open_warehouse(settings, Role.TRANSFORMER))
    except CannotBeProtected as problem:
        raise BuildFailed(str(problem)) from problem
    return ()


def _build_selection(
    settings: Settings, build: Build, read_project: ReadProject, on_node: Listener | None
) -> tuple[NodeResult, ...]:
    return run_dbt(settings, read_project(), build.scope(None), on_node)


type Step = Callable[[Settings, Build, ReadProject, Listener | None], tuple[NodeResult, ...]]
STEPS: Mapping[str, Step] = {
    "stage": _stage,
    "link_incidents": _link_incidents,
    "link_people": _link_people,
    "build_marts": _build_marts,
    "check_disclosure": _check_disclosure,
}
"""The steps of a build of everything, in their order."""


def _has_seeds(settings: Settings, seeds: str) -> bool:
    engine = open_warehouse(settings, Role.TRANSFORMER)
    names = {path.stem for path in (settings.dbt_project / "seeds").glob("*.csv")}
    return builds.seeds_of_last_load(engine) == seeds and names <= builds.tables_in(engine, REFERENCE)

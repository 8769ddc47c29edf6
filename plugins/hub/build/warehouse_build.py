"""A build of the warehouse: stage (dbt), link incidents, link people, build marts (dbt), check disclosure.

``hub build`` takes these steps one after the other; in Airflow each is a task, so a failed one is retried alone. A
build processes the deliveries that are new since the last successful build. It is a full build when the project's code
has changed, or when a delivery that was built has been withdrawn.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from hub.build import BuildFailed, NodeResult, Part, Scope, builds, code_hash, dbt_project, run_dbt, seeds_hash
from hub.contracts.model import read_catalogue
from hub.disclosure.suppress import CannotBeProtected
from hub.ingest.bounds_again import RequarantinedRows, quarantine_out_of_bounds
from hub.ingest.prepare import open_prepared
from hub.linkage import tables as linkage_tables
from hub.settings import Settings
from hub.vault.full_disk import DiskFull
from hub.warehouse import build_lock
from hub.warehouse.engine import WarehouseProblem, open_warehouse, why_it_ended
from hub.warehouse.roles import Role

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

REFERENCE = "reference"

type OnNode = Callable[[NodeResult], None]
type ReadProject = Callable[[], "Manifest"]


@dataclass(frozen=True)
class Build:
    """A started build, passed from step to step: its number in ``ledger.builds``, and what dbt is asked for."""

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
    """A successful build: its number in ``ledger.builds``, its nodes in the order in which they ended, the seconds of
    each step, and the rows quarantined beforehand because they break a present bound of their contract."""

    build_id: int
    nodes: tuple[NodeResult, ...]
    seconds: float
    is_full: bool
    seconds_by_step: Mapping[str, float] = field(default_factory=dict)
    requarantined: tuple[RequarantinedRows, ...] = ()

    @property
    def models(self) -> tuple[NodeResult, ...]:
        return tuple(node for node in self.nodes if node.kind == "model")


def build_warehouse(
    settings: Settings,
    *,
    select: str | None = None,
    full_refresh: bool = False,
    unit_tests: bool = False,
    on_node: OnNode | None = None,
) -> BuildResult:
    """Build everything, or only ``select`` (dbt's own notation; linkage is then left as it is). ``on_node`` is
    called as each node ends.

    Raises :class:`BuildFailed` when the project cannot be read, or a model or test fails. A second build waits for the
    first.
    """
    began = time.monotonic()
    read_project = cache(lambda: dbt_project(settings))
    # Prepared before the lock, which reads the ledger: a build may be the first command of an upgraded hub.
    with build_lock.one_build_at_a_time(open_prepared(settings, Role.TRANSFORMER)):
        build, requarantined = begin_build(settings, select=select, full_refresh=full_refresh, unit_tests=unit_tests)
        nodes: tuple[NodeResult, ...] = ()
        seconds_by_step: dict[str, float] = {}
        for name in STEPS if select is None else ("selection",):
            step_began = time.monotonic()
            nodes += run_step(settings, build, name, on_node, read_project)
            seconds_by_step[name] = time.monotonic() - step_began
        end_build(settings, build, len(nodes))
    return BuildResult(build.build_id, nodes, time.monotonic() - began, build.is_full, seconds_by_step, requarantined)


def begin_build(
    settings: Settings,
    *,
    select: str | None = None,
    full_refresh: bool = False,
    unit_tests: bool = False,
    covers: str | None = None,
) -> tuple[Build, tuple[RequarantinedRows, ...]]:
    """Record the start of a build, and quarantine loaded rows that break a bound of the current contract. The caller
    holds the lock of builds over a prepared warehouse."""
    owner, contracts = open_warehouse(settings, Role.OWNER), read_catalogue(settings.expectations).contracts.values()
    engine = open_warehouse(settings, Role.TRANSFORMER)
    requarantined = tuple(quarantine_out_of_bounds(settings, owner, contracts))
    code, seeds = code_hash(settings.dbt_project), seeds_hash(settings.dbt_project)
    is_full = full_refresh or (select is None and builds.must_start_from_nothing(engine, code))
    loads_seeds = not _has_seeds(settings, seeds)
    build_id = builds.start_build(engine, selection=select, code_sha256=code, seeds_sha256=seeds, covers=covers)
    return Build(build_id, is_full, loads_seeds, select, unit_tests), requarantined


def run_step(
    settings: Settings,
    build: Build,
    name: str,
    on_node: OnNode | None = None,
    read_project: ReadProject | None = None,
) -> tuple[NodeResult, ...]:
    """Run one of :data:`STEPS` (or ``selection``). Reads the dbt project itself where ``read_project`` is not given.

    Returns what dbt did in it; raises :class:`BuildFailed` when a model or test of it fails, and whatever else keeps it
    from going on. The ledger says that the build failed. The caller holds the lock of builds."""
    read_project = read_project or (lambda: dbt_project(settings))
    try:
        nodes = {**STEPS, "selection": _build_selection}[name](settings, build, read_project, on_node)
        _note_nodes(settings, build, name, nodes)
        return nodes
    except BuildFailed as failure:
        _note_nodes(settings, build, name, failure.nodes)
        _give_up(settings, build, str(failure), failure.nodes)
        raise
    except DiskFull as problem:
        _give_up(settings, build, str(problem))
        raise
    except sa.exc.OperationalError as problem:
        # Where the database has no space even for this, the next build says that this one did not end.
        with contextlib.suppress(sa.exc.OperationalError, WarehouseProblem):
            _give_up(settings, build, why_it_ended(problem))
        raise
    except Exception as problem:
        # Its message may quote a row.
        with contextlib.suppress(sa.exc.DBAPIError, WarehouseProblem):
            _give_up(settings, build, type(problem).__name__)
        raise


def _note_nodes(settings: Settings, build: Build, step: str, nodes: tuple[NodeResult, ...]) -> None:
    counts: dict[str, Counter[str]] = {}
    for node in nodes:
        counts.setdefault(node.kind, Counter())[node.status] += 1
    if counts:
        builds.note_nodes(open_warehouse(settings, Role.TRANSFORMER), build.build_id, step, counts)


def _give_up(settings: Settings, build: Build, reason: str, nodes: tuple[NodeResult, ...] = ()) -> None:
    builds.finish_build(
        open_warehouse(settings, Role.TRANSFORMER),
        build.build_id,
        failed=[node.name for node in nodes if not node.is_good],
        count_nodes=len(nodes),
        succeeded=False,
        reason=reason,
    )


def end_build(settings: Settings, build: Build, count_nodes: int) -> None:
    """Record that the build succeeded."""
    engine = open_warehouse(settings, Role.TRANSFORMER)
    builds.finish_build(engine, build.build_id, failed=[], count_nodes=count_nodes, succeeded=True)


def _stage(
    settings: Settings, build: Build, read_project: ReadProject, on_node: OnNode | None
) -> tuple[NodeResult, ...]:
    return run_dbt(settings, read_project(), build.scope(Part.BEFORE_LINKAGE), on_node)


def _link_incidents(
    settings: Settings, build: Build, _project: ReadProject, _on_node: OnNode | None
) -> tuple[NodeResult, ...]:
    # Imported here: the libraries of linkage take seconds to import, and a build of a selection does not need them.
    from hub.linkage.incidents import link_incidents  # noqa: PLC0415
    from hub.linkage.places import read_text_places  # noqa: PLC0415

    linker = open_warehouse(settings, Role.LINKER)
    new = None if build.is_full else builds.new_deliveries(linker)
    link_incidents(settings, linker, full=build.is_full, deliveries=new)
    read_text_places(settings, linker, full=build.is_full, deliveries=new)
    linkage_tables.analyze(linker)
    return ()


def _link_people(
    settings: Settings, build: Build, _project: ReadProject, _on_node: OnNode | None
) -> tuple[NodeResult, ...]:
    from hub.linkage.people import link_people  # noqa: PLC0415

    linker = open_warehouse(settings, Role.LINKER)
    new = None if build.is_full else builds.new_deliveries(linker)
    link_people(settings, linker, full=build.is_full, deliveries=new)
    linkage_tables.analyze(linker)
    builds.note_linked(open_warehouse(settings, Role.TRANSFORMER), build.build_id)
    return ()


def _build_marts(
    settings: Settings, build: Build, read_project: ReadProject, on_node: OnNode | None
) -> tuple[NodeResult, ...]:
    manifest = read_project()
    nodes = run_dbt(settings, manifest, build.scope(Part.AFTER_LINKAGE), on_node)
    if build.is_full:
        known = {node.relation_name for node in manifest.nodes.values()}
        builds.drop_unknown(open_warehouse(settings, Role.TRANSFORMER), known)
    return nodes


def _check_disclosure(
    settings: Settings, _build: Build, _project: ReadProject, _on_node: OnNode | None
) -> tuple[NodeResult, ...]:
    from hub.disclosure.disclose import disclose  # noqa: PLC0415

    try:
        disclose(open_warehouse(settings, Role.TRANSFORMER))
    except CannotBeProtected as problem:
        raise BuildFailed(str(problem)) from problem
    return ()


def _build_selection(
    settings: Settings, build: Build, read_project: ReadProject, on_node: OnNode | None
) -> tuple[NodeResult, ...]:
    nodes = run_dbt(settings, read_project(), build.scope(None), on_node)
    if not nodes:
        raise BuildFailed(f"nothing in the dbt project matches {build.select!r}")
    return nodes


type Step = Callable[[Settings, Build, ReadProject, OnNode | None], tuple[NodeResult, ...]]
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

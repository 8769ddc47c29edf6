"""A build of the warehouse from end to end: dbt up to what linkage reads, linkage, dbt over the rest.

A build takes in what the ledger says is new since the last one that succeeded. It starts from nothing (a full
refresh) where that would not give the same tables: when the project's code has changed, or a delivery that was built
is loaded no longer.
"""

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import sqlalchemy as sa

from hub.bounds_again import TakenOut, quarantine_out_of_bounds
from hub.contracts import read_catalogue
from hub.disclosure_control.suppress import CannotBeProtected
from hub.doors import builds, linkage_tables
from hub.doors.roles import Role
from hub.doors.warehouse import open_warehouse, prepare_warehouse
from hub.settings import Settings
from hub.stages.build import BuildFailed, NodeResult, Part, Scope, code_hash, dbt_project, run_dbt, seeds_hash

REFERENCE = "reference"


@dataclass(frozen=True)
class BuildResult:
    """A build that went well: its number in ``ledger.builds``, all its nodes in the order in which they ended, how many
    seconds each part took, and what was taken out before it because it breaks a bound of its contract."""

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
    on_node: Callable[[NodeResult], None] | None = None,
) -> BuildResult:
    """Build everything, or only ``select`` (dbt's own notation; linkage is then left as it is). ``on_node`` hears of
    each node as it ends.

    Raises :class:`BuildFailed` when the project cannot be read, or a model or test fails. A second build waits for the
    first.
    """
    began = time.monotonic()
    owner, contracts = open_warehouse(settings, Role.OWNER), read_catalogue(settings.expectations).contracts.values()
    prepare_warehouse(owner, contracts)
    engine = open_warehouse(settings, Role.TRANSFORMER)
    with builds.one_build_at_a_time(engine):
        taken_out = tuple(quarantine_out_of_bounds(settings, owner, contracts))
        code, seeds = code_hash(settings.dbt_project), seeds_hash(settings.dbt_project)
        is_full = full_refresh or (select is None and builds.must_start_from_nothing(engine, code))
        scope = Scope(
            select=select,
            full_refresh=is_full,
            loads_seeds=is_full or not _seeds_stand(settings, engine, seeds),
            unit_tests=unit_tests,
        )
        build_id = builds.start_build(engine, selection=select, code_sha256=code, seeds_sha256=seeds)
        nodes: tuple[NodeResult, ...] = ()
        parts: dict[str, float] = {}
        try:
            manifest = dbt_project(settings)
            run = partial(run_dbt, settings, manifest, on_node=on_node)
            nodes = run(scope) if select is not None else _run_everything(settings, engine, build_id, scope, parts, run)
            if is_full and select is None:
                builds.drop_unknown(engine, {node.relation_name for node in manifest.nodes.values()})
        except BuildFailed as failure:
            failed = [node.name for node in failure.nodes if not node.is_good]
            builds.finish_build(
                engine, build_id, failed=failed, count_nodes=len(failure.nodes), succeeded=False, reason=str(failure)
            )
            raise
        builds.finish_build(engine, build_id, failed=[], count_nodes=len(nodes), succeeded=True)
    return BuildResult(build_id, nodes, time.monotonic() - began, is_full, parts, taken_out)


def _run_everything(
    settings: Settings,
    engine: sa.Engine,
    build_id: int,
    scope: Scope,
    parts: dict[str, float],
    run: Callable[[Scope], tuple[NodeResult, ...]],
) -> tuple[NodeResult, ...]:
    # Imported here: what linkage brings with it takes seconds, and a build of a selection does without.
    from hub.stages.disclose import disclose  # noqa: PLC0415
    from hub.stages.link_incidents import link_incidents  # noqa: PLC0415
    from hub.stages.link_people import link_people  # noqa: PLC0415

    linker = open_warehouse(settings, Role.LINKER)
    with _timed(parts, "before linkage"):
        before = run(dataclasses.replace(scope, part=Part.BEFORE_LINKAGE))
    brought = None if scope.full_refresh else builds.new_deliveries(linker)
    with _timed(parts, "linkage of incidents"):
        link_incidents(settings, linker, full=scope.full_refresh, deliveries=brought)
        linkage_tables.analyze(linker)
    with _timed(parts, "linkage of persons"):
        link_people(settings, linker, full=scope.full_refresh, deliveries=brought)
        linkage_tables.analyze(linker)
    builds.note_linked(engine, build_id)
    with _timed(parts, "after linkage"):
        after = run(dataclasses.replace(scope, part=Part.AFTER_LINKAGE))
    with _timed(parts, "disclosure control"):
        try:
            disclose(engine)
        except CannotBeProtected as problem:
            raise BuildFailed(str(problem), (*before, *after)) from problem
    return (*before, *after)


@contextmanager
def _timed(parts: dict[str, float], name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    parts[name] = time.monotonic() - began


def _seeds_stand(settings: Settings, engine: sa.Engine, seeds: str) -> bool:
    names = {path.stem for path in (settings.dbt_project / "seeds").glob("*.csv")}
    return builds.seeds_of_last_load(engine) == seeds and names <= builds.tables_in(engine, REFERENCE)

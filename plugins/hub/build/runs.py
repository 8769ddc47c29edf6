"""Runs of dbt in this process: of everything, or of a selection.

dbt's artefacts and logs are under ``$HUB_HOME``, never in the checkout. Code lists are loaded only when they have
changed, and tests of models' and macros' logic run with the project's own tests, not with each day's data.
"""

import errno
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.build.tracing import rows_of_failure
from hub.settings import Settings, environment_with
from hub.vault.full_disk import NO_SPACE, DiskFull, writing_to
from hub.warehouse.engine import libpq_environment, open_warehouse, role_address
from hub.warehouse.roles import Role
from hub.warehouse.secret_files import write_secret

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

LINKAGE_READS = (
    "+int_reports__unioned",
    "+int_reports__names",
    "+int_person_mentions",
    "+int_support_events__reports",
    "+int_journey_records",
    "+int_areas__places",
)
"""What linkage reads, with all that it rests on."""
FORECASTS = "tag:forecasts+"
"""Views over forecasts and the decisions about them, with every view that reads those: replacing a view drops the views
that read it."""
HOTSPOT_COUNTS = "tag:hotspot_counts"
"""Counts by area and week, which forecasts read."""
_WRITTEN_BY_DBT = frozenset({"target", "logs"})
GOOD = frozenset({"success", "pass", "no-op"})
"""An exposure has nothing to run."""
UNFINISHED = frozenset({"skipped"})
FAILED = frozenset({"error", "fail"})
NO_ROW_FOUND = "no row alone is behind it; hub status lists what was delivered last"
ROW_QUOTED = re.compile(r"^\s*(?:DETAIL|CONTEXT):", re.MULTILINE)
FULL_DISK = os.strerror(errno.ENOSPC)
VALUE_QUOTED = re.compile(r'(:|\bvalue) ".*"', re.DOTALL)


@dataclass(frozen=True)
class NodeResult:
    """One model, seed or test: what became of it, in how many seconds, what the database said (no row's values), and,
    where it failed, the rows behind it (feed, delivery and row number)."""

    name: str
    kind: str
    status: str
    seconds: float
    message: str
    rows: str = ""

    @property
    def is_good(self) -> bool:
        return self.status in GOOD


class BuildFailed(RuntimeError):
    """A model or a test failed; published views stay. The message names each failed node."""

    def __init__(self, reason: str, nodes: tuple[NodeResult, ...] = ()) -> None:
        super().__init__(reason)
        self.nodes = nodes


class Part(StrEnum):
    """Half of a build of everything: what linkage reads, and what rests on it."""

    BEFORE_LINKAGE = "before linkage"
    AFTER_LINKAGE = "after linkage"


@dataclass(frozen=True)
class Scope:
    """What dbt is asked for: everything, a ``part`` of everything, or ``select`` in dbt's own notation."""

    select: str | None = None
    part: Part | None = None
    full_refresh: bool = False
    loads_seeds: bool = True
    unit_tests: bool = False


def dbt_project(settings: Settings) -> "Manifest":
    """The project as dbt reads it, once for all that a build runs of it.

    Raises :class:`BuildFailed` when it cannot be read.
    """
    # Importing dbt takes seconds; only a process that builds pays for it.
    from dbt.cli.main import dbtRunner  # noqa: PLC0415
    from dbt.contracts.graph.manifest import Manifest  # noqa: PLC0415

    with writing_to(settings.home), environment_with(dbt_environment(settings)):
        done = dbtRunner().invoke(["parse", *common_arguments(settings)])
    if not isinstance(done.result, Manifest):
        raise BuildFailed(_could_not_start(settings, done.exception))
    return done.result


def run_dbt(
    settings: Settings,
    manifest: "Manifest",
    scope: Scope,
    on_node: Callable[[NodeResult], None] | None = None,
) -> tuple[NodeResult, ...]:
    """``dbt build`` of a selection. ``on_node`` is called with each node as it ends.

    Raises :class:`BuildFailed` when a model or test fails.
    """
    nodes, problem = _invoke(settings, manifest, scope, on_node)
    failed = [node for node in nodes if not node.is_good and node.status not in UNFINISHED]
    if problem is not None or failed:
        raise BuildFailed(_reason(nodes, problem), nodes)
    return nodes


def code_hash(project: Path) -> str:
    """Over every file of the dbt project: two builds with the same hash come from the same code and code lists. What a
    plain ``dbt build`` leaves beside the project is no code of it."""
    files = (path for path in project.rglob("*") if path.suffix in {".sql", ".yml", ".csv", ".md"})
    return _hash(project, (path for path in files if path.relative_to(project).parts[0] not in _WRITTEN_BY_DBT))


def seeds_hash(project: Path) -> str:
    """Over the code lists alone."""
    return _hash(project, (project / "seeds").iterdir())


def _hash(project: Path, paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(project)}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def compiled_sql(settings: Settings, model: str) -> str:
    """The query of a model as a build of everything runs it. Nothing is run, and no artefact of a build is touched.

    Raises :class:`BuildFailed` when the project cannot be read.
    """
    from dbt.cli.main import dbtRunner  # noqa: PLC0415

    arguments = ["compile", *common_arguments(settings), "--target-path", str(settings.home / "dbt_compiled")]
    arguments += ["--select", f"{model},resource_type:model", "--full-refresh"]
    manifest = dbt_project(settings)
    with environment_with(dbt_environment(settings)):
        done = dbtRunner(manifest=manifest).invoke(arguments)
    results = [result for result in getattr(done.result, "results", []) if result.node.name == model]
    compiled = [str(result.node.compiled_code) for result in results]
    if not done.success or len(compiled) != 1:
        raise BuildFailed(f"{model} could not be read: {' '.join(str(done.exception).split())}")
    return compiled[0]


def common_arguments(settings: Settings) -> list[str]:
    """What every command of dbt's is told: where the project is, and to write nothing but what the hub asks for."""
    arguments = ["--project-dir", str(settings.dbt_project), "--profiles-dir", str(settings.dbt_project)]
    arguments += ["--target-path", str(settings.home / "dbt"), "--log-path", str(settings.logs / "dbt")]
    # Its own log repeats what PostgreSQL quotes of a row; what failed and why is in what a run returns. Artefacts are
    # written once a build: dbt itself writes its manifest at the start and the end of each command.
    arguments += ["--quiet", "--log-level", "none", "--log-level-file", "none", "--no-use-colors"]
    return [*arguments, "--no-write-json"]


def _arguments(settings: Settings, scope: Scope) -> list[str]:
    arguments = ["build", *common_arguments(settings)]
    # A test that also reads a model outside the selection is left out, unless the selection rests on it; in
    # the same way it is excluded only where all that it reads is.
    arguments += ["--indirect-selection", "buildable"]
    excluded = [] if scope.unit_tests else ["resource_type:unit_test", "tag:macro"]
    seeds = ["resource_type:seed"]
    if scope.select is not None:
        # The selection rests on code lists; those that have not changed are not loaded again.
        arguments += ["--select", scope.select, *(seeds if scope.loads_seeds else ["--exclude-resource-type", "seed"])]
    elif scope.part is Part.BEFORE_LINKAGE:
        arguments += ["--select", *LINKAGE_READS, *(seeds if scope.loads_seeds else [])]
    elif scope.part is Part.AFTER_LINKAGE:
        excluded += [*LINKAGE_READS, *seeds]
    if not scope.loads_seeds and scope.select is None:
        # With the code lists their own tests are left out too: neither has changed.
        excluded += seeds
    if excluded:
        arguments += ["--exclude", *dict.fromkeys(excluded)]
    return [*arguments, "--full-refresh"] if scope.full_refresh else arguments


def _invoke(
    settings: Settings, manifest: "Manifest", scope: Scope, on_node: Callable[[NodeResult], None] | None
) -> tuple[tuple[NodeResult, ...], str | None]:
    from dbt.artifacts.schemas.run import RunExecutionResult  # noqa: PLC0415
    from dbt.cli.main import dbtRunner  # noqa: PLC0415
    from dbt_common.events.base_types import EventMsg  # noqa: PLC0415

    def hear(event: EventMsg) -> None:
        if on_node is not None and event.info.name == "NodeFinished":
            finished = event.data.node_info
            on_node(NodeResult(finished.node_name, finished.resource_type, finished.node_status, 0.0, ""))

    (settings.home / "dbt" / "run_results.json").unlink(missing_ok=True)
    with writing_to(settings.home), environment_with(dbt_environment(settings)):
        done = dbtRunner(manifest=manifest, callbacks=[hear]).invoke(_arguments(settings, scope))
    if not isinstance(done.result, RunExecutionResult):
        return (), _could_not_start(settings, done.exception)
    rows = {}
    for result in done.result.results:
        if str(result.status) in FAILED:
            rows[result.node.unique_id] = _rows_behind(settings, manifest, result)
        result.message = _without_values(result.message)
    with writing_to(settings.home):
        _write_artefacts(settings, manifest, scope, done.result)
    nodes = tuple(
        NodeResult(
            name=result.node.name,
            kind=str(result.node.resource_type),
            status=str(result.status),
            seconds=round(result.execution_time, 3),
            message=result.message or "",
            rows=rows.get(result.node.unique_id, ""),
        )
        for result in done.result.results
        if str(result.node.resource_type) != "exposure"  # named in a build, but nothing is done for them
    )
    return nodes, None


def dbt_environment(settings: Settings) -> dict[str, str]:
    """The variables by which ``profiles.yml`` finds the warehouse. The password is in a file that PostgreSQL's client
    reads: dbt starts processes, which would keep it in their environment."""
    url = role_address(settings, Role.TRANSFORMER)
    place = (url.host or "", str(url.port or 5432), url.database or "", url.username or "", str(url.password or ""))
    passwords = settings.made_from_secrets / "dbt.pgpass"
    write_secret(passwords, ":".join(re.sub(r"([\\:])", r"\\\1", one) for one in place))
    return {
        **libpq_environment(url),
        "HUB_DBT_HOST": url.host or "",
        "HUB_DBT_PORT": str(url.port or 5432),
        "HUB_DBT_USER": url.username or "",
        "HUB_DBT_DATABASE": url.database or "",
        "PGPASSFILE": str(passwords),
        "DO_NOT_TRACK": "1",
    }


def _rows_behind(settings: Settings, manifest: "Manifest", result: Any) -> str:
    engine = open_warehouse(settings, Role.TRANSFORMER)
    return rows_of_failure(engine, {**manifest.nodes, **manifest.sources}, result.node, str(result.message))


def _without_values(message: str | None) -> str:
    """What the database said, without the row or value that it quotes: neither goes any further."""
    said = ROW_QUOTED.split(message or "", maxsplit=1)[0]
    return VALUE_QUOTED.sub(r"\1 [value]", " ".join(said.split()))[:500]


def _write_artefacts(settings: Settings, manifest: Any, scope: Scope, result: Any) -> None:
    """For other tools; the results' messages hold nothing any more that the database quotes of a row. The second part
    of a build leaves the manifest of the first, which is the same."""
    folder = _manifest(settings).parent
    if scope.part is not Part.AFTER_LINKAGE:
        manifest.write(str(_manifest(settings)))
    result.write(str(folder / "run_results.json"))


def kept_manifest(settings: Settings) -> Mapping[str, Any] | None:
    """dbt's manifest of the last build, in dbt's published form; None where none is kept."""
    path = _manifest(settings)
    return dict(json.loads(path.read_text())) if path.is_file() else None


def _manifest(settings: Settings) -> Path:
    return settings.home / "dbt" / "manifest.json"


def _could_not_start(settings: Settings, exception: BaseException | None) -> str:
    if isinstance(exception, OSError) and exception.errno in NO_SPACE:
        raise DiskFull(f"nothing more can be written to {settings.home}: {exception.strerror}") from exception
    return f"dbt could not start: {' '.join(str(exception).split())}"


def _reason(nodes: tuple[NodeResult, ...], problem: str | None) -> str:
    if problem is not None:
        return problem
    if full := [node for node in nodes if not node.is_good and FULL_DISK in node.message]:
        # Each of hundreds of nodes says so.
        return f"there is no space left for {full[0].kind} {full[0].name} and {len(full) - 1} more: {full[0].message}"
    failed = [
        f"{node.kind} {node.name}: {node.message} [{node.rows or NO_ROW_FOUND}]"
        for node in nodes
        if not node.is_good and node.message and node.status not in UNFINISHED
    ]
    skipped = sum(node.status in UNFINISHED for node in nodes)
    return f"{'; '.join(failed)}; {skipped} more were not tried" if skipped else "; ".join(failed)

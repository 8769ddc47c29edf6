"""The SQL that dbt made of the project, run by psql without dbt: what dbt itself costs is what it takes longer.

Three psql at a time, as dbt has three threads, each taking the next statement when it is done with one. They read the
relations of the build that was just made, so that each finds what it reads there, in whatever order they come. The
indexes and statistics that a model declares are part of it: they are the build's work, whoever runs it.
"""

import json
import subprocess
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.settings import Settings, callers_environment
from hub.warehouse import embedded_postgres
from hub.warehouse.engine import SESSION, role_address
from hub.warehouse.roles import Role

SCRATCH = "scratch"
PSQLS = 3


@dataclass(frozen=True)
class CompiledNode:
    """A model or test as dbt ran it: its name, the statement that does the same in the schema ``scratch``, and those
    that make the indexes and statistics which it declares."""

    name: str
    statement: str
    declared: tuple[str, ...] = ()


def compiled_nodes(settings: Settings) -> list[CompiledNode]:
    """Every model and data test of the last build of everything, models first, in the manifest's order."""
    folder = settings.home / "dbt"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return [*_models(folder, manifest), *_tests(folder, manifest)]


def _models(folder: Path, manifest: dict[str, Any]) -> Iterator[CompiledNode]:
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and (code := _compiled(folder, node)):
            kind = "view" if node["config"]["materialized"] == "view" else "table"
            relation = f'{SCRATCH}."{node["name"]}"'
            declared = tuple(_declared(node, relation))
            yield CompiledNode(node["name"], f"create {kind} {relation} as {code}", declared)


def _declared(node: dict[str, Any], relation: str) -> Iterator[str]:
    for index in node["config"].get("indexes") or ():
        columns = ", ".join(f'"{column}"' for column in index["columns"])
        yield f"create {'unique ' if index.get('unique') else ''}index on {relation} ({columns})"
    if node["config"]["materialized"] != "view":
        yield f"analyze {relation}"


def _tests(folder: Path, manifest: dict[str, Any]) -> Iterator[CompiledNode]:
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and (code := _compiled(folder, node)):
            yield CompiledNode(node["name"], f"select count(*) from ({code}) as failing")  # noqa: S608 - dbt's own SQL


def _compiled(folder: Path, node: dict[str, Any]) -> str | None:
    """What dbt sent, without the semicolon; None for what is not part of a build, such as tests of macros."""
    path = folder / "compiled" / node["package_name"] / node["original_file_path"]
    path = path / node["path"] if node["resource_type"] == "test" and path.suffix == ".yml" else path
    return path.read_text(encoding="utf-8").strip().rstrip(";") if path.is_file() else None


def run_by_psql(settings: Settings, nodes: list[CompiledNode]) -> tuple[float, dict[str, float]]:
    """Run all statements; returns the seconds of all, and of each by name. Leaves nothing behind.

    Raises RuntimeError naming the first that failed.
    """
    _as_owner(
        settings,
        f"drop schema if exists {SCRATCH} cascade; create schema {SCRATCH};"
        f" grant usage, create on schema {SCRATCH} to {role_address(settings, Role.TRANSFORMER).username}",
    )
    waiting = deque(nodes)
    began = time.perf_counter()
    with ThreadPoolExecutor(PSQLS) as workers:
        seconds = [worker.result() for worker in [workers.submit(_work, settings, waiting) for _ in range(PSQLS)]]
    whole = time.perf_counter() - began
    _as_owner(settings, f"drop schema {SCRATCH} cascade")
    return whole, {name: spent for one in seconds for name, spent in one.items()}


def _work(settings: Settings, waiting: deque[CompiledNode]) -> dict[str, float]:
    spent = {}
    with subprocess.Popen(
        [*_command(settings, Role.TRANSFORMER), "-At"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=_environment(settings, Role.TRANSFORMER),
    ) as psql:
        assert psql.stdin is not None  # noqa: S101 - both are asked for above
        assert psql.stdout is not None  # noqa: S101
        while waiting:
            node = waiting.popleft()
            began = time.perf_counter()
            whole = "\n;\n".join([node.statement, *node.declared])
            psql.stdin.write(f"{whole}\n;\n\\echo done\n")
            psql.stdin.flush()
            for line in psql.stdout:
                if line == "done\n":
                    break
            else:
                raise RuntimeError(f"psql could not run {node.name}")
            spent[node.name] = time.perf_counter() - began
        psql.stdin.close()
    return spent


def _as_owner(settings: Settings, statement: str) -> None:
    """A schema is more than what dbt's role may make; what is in it, dbt's role makes as always."""
    command = [*_command(settings, Role.OWNER), "-c", statement]
    subprocess.run(command, check=True, env=_environment(settings, Role.OWNER))


def _command(settings: Settings, role: Role) -> list[str]:
    url = role_address(settings, role)
    arguments = [str(embedded_postgres.binaries() / "psql"), "-Xq", "-v", "ON_ERROR_STOP=1"]
    return [*arguments, "-h", str(url.host), "-p", str(url.port), "-U", str(url.username), "-d", str(url.database)]


def _environment(settings: Settings, role: Role) -> dict[str, str]:
    options = f"-c client_min_messages=error {SESSION}"
    password = role_address(settings, role).password
    return callers_environment() | {"PGPASSWORD": str(password), "PGOPTIONS": options}

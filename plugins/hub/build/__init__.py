"""Models and tests: run dbt in this process over what the ledger says is loaded."""

from hub.build.runs import (
    FORECASTS,
    HOTSPOT_COUNTS,
    BuildFailed,
    NodeResult,
    Part,
    Scope,
    code_hash,
    compiled_sql,
    dbt_environment,
    dbt_project,
    run_dbt,
    seeds_hash,
)

__all__ = [
    "FORECASTS",
    "HOTSPOT_COUNTS",
    "BuildFailed",
    "NodeResult",
    "Part",
    "Scope",
    "code_hash",
    "compiled_sql",
    "dbt_environment",
    "dbt_project",
    "run_dbt",
    "seeds_hash",
]

"""Models and tests: run dbt in this process over what the ledger says is loaded."""

from hub.build.dbt_docs import DbtDocs, describe_sources, write_dbt_docs
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
    kept_manifest,
    run_dbt,
    seeds_hash,
)

__all__ = [
    "FORECASTS",
    "HOTSPOT_COUNTS",
    "BuildFailed",
    "DbtDocs",
    "NodeResult",
    "Part",
    "Scope",
    "code_hash",
    "compiled_sql",
    "dbt_environment",
    "dbt_project",
    "describe_sources",
    "kept_manifest",
    "run_dbt",
    "seeds_hash",
    "write_dbt_docs",
]

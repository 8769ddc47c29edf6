"""Publish the candidate relations of the last build: copy them into an immutable build of their own and point the views
that readers know at it, in one transaction. Any failed check leaves the old views as they are.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import sqlalchemy as sa
import yaml

from hub.doors import builds
from hub.doors.builds import CANDIDATE, PUBLISHED, STAMPS, Relation
from hub.settings import Settings

KEPT_BUILDS = 5
SHRINK_LIMIT = 0.5
PERSONAL_WORDS = ("token", "person_id", "email", "phone", "birth")


@dataclass(frozen=True)
class Check:
    """Something looked at before the switch; ``detail`` says what was found and holds no row's values."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class PublishResult:
    """What readers see now. ``is_new`` is false when nothing had changed since the last publish, which then stands."""

    publish_id: int
    is_new: bool
    published_at: datetime
    data_as_of: datetime | None
    row_counts: Mapping[str, int]
    checks: tuple[Check, ...]
    dropped_builds: tuple[int, ...] = ()


class PublishRefused(RuntimeError):
    """Nothing was switched; the message says which checks failed and what to do."""


def publish(settings: Settings, engine: sa.Engine, *, accept_shrinking: bool = False) -> PublishResult:
    """Publish what the last build made.

    Raises :class:`PublishRefused` when there is no finished build or a check fails; readers then go on with what they
    have. ``accept_shrinking`` lets a view lose more than half of its rows, or all.
    """
    with engine.begin() as connection:
        builds.lock_builds(connection)
        build = _finished_build(connection)
        delivery_ids, data_as_of, state = builds.deliveries_of_build(connection)
        state = f"{state}/{builds.forecasts_so_far(connection)}"
        fingerprint = hashlib.sha256(f"{build.code_sha256}/{state}".encode()).hexdigest()
        last = builds.last_publish(connection)
        if last is not None and last.fingerprint == fingerprint:
            return _as_result(last)
        expected = sorted(path.stem for path in (settings.dbt_project / "models" / "publish").glob("*.sql"))
        candidates = builds.relations_in(connection, CANDIDATE)
        views = builds.relations_in(connection, PUBLISHED)
        checks = (
            *_all_there(expected, candidates),
            *_nothing_taken_away(expected, candidates, views),
            *_nothing_personal(expected, candidates),
            *_everything_described(expected, candidates),
        )
        _refuse_failed(checks)
        publish_id, published_at = builds.new_publish(
            connection,
            {
                "build_id": build.build_id,
                "fingerprint": fingerprint,
                "code_version": f"{version('hate-crime-hub')}+{build.code_sha256[:12]}",
                "delivery_ids": delivery_ids,
                "data_as_of": data_as_of,
            },
        )
        stamps = {"publish_id": publish_id, "data_as_of": data_as_of, "published_at": published_at}
        asked = _asked_for(settings)
        # A candidate is a view over the marts: copied once, and looked at in the copy.
        counts = {
            name: builds.copy_candidate(connection, candidates[name], publish_id, stamps, asked[name].indexes)
            for name in expected
        }
        before = dict(last.row_counts) if last is not None and not accept_shrinking else {}
        before = {name: count for name, count in before.items() if name in asked and not asked[name].may_shrink}
        checks = (*checks, *_still_as_large(counts, before))
        _refuse_failed(checks)
        builds.describe_publish(connection, publish_id, counts, [asdict(check) for check in checks])
        # The views are locked last, all together and only for the switch itself, so that readers hardly wait.
        for name in expected:
            builds.switch_view(connection, candidates[name], views.get(name), publish_id)
    dropped = builds.drop_old_builds(engine, KEPT_BUILDS)
    return PublishResult(publish_id, True, published_at, data_as_of, counts, checks, tuple(dropped))


@dataclass(frozen=True)
class _AskedFor:
    """What a view's model asks for in its ``meta``: ``indexes``, lists of columns, for its typical question;
    ``may_shrink`` where its rows are those of the moment, and few or none are as right as many."""

    indexes: tuple[tuple[str, ...], ...] = ()
    may_shrink: bool = False


def _asked_for(settings: Settings) -> dict[str, _AskedFor]:
    found: dict[str, _AskedFor] = {}
    for path in (settings.dbt_project / "models" / "publish").glob("*.yml"):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ()):
            meta = model.get("config", {}).get("meta", {})
            indexes = tuple(tuple(columns) for columns in meta.get("indexes", ()))
            found[model["name"]] = _AskedFor(indexes, bool(meta.get("may_shrink", False)))
    return found


def _finished_build(connection: sa.Connection) -> sa.Row[Any]:
    build = builds.last_build(connection)
    if build is None:
        raise PublishRefused("nothing has been built yet; run hub build")
    if build.status == "failed":
        raise PublishRefused(f"the last build failed ({', '.join(build.failed) or 'before its first model'})")
    if build.status == "running":
        raise PublishRefused("the last build was stopped before its end; run hub build")
    return build


def _all_there(expected: list[str], candidates: Mapping[str, Relation]) -> list[Check]:
    return [
        Check(f"{name}.built", name in candidates, "stands" if name in candidates else "was not built")
        for name in expected
    ]


def _nothing_taken_away(
    expected: list[str], candidates: Mapping[str, Relation], views: Mapping[str, Relation]
) -> list[Check]:
    """Inside a version only additions: readers' queries go on working."""
    checks = [
        Check(f"{name}.kept", False, f"is published, but no model makes it; drop view {PUBLISHED}.{name} to retire it")
        for name in views
        if name not in expected
    ]
    for name in expected:
        if name not in candidates or name not in views:
            continue
        now = {stamp: kind for stamp, (kind, _) in STAMPS.items()} | dict(candidates[name].columns)
        gone = [column for column in views[name].columns if column not in now]
        changed = [
            f"{column} from {kind} to {now[column]}"
            for column, kind in views[name].columns.items()
            if column in now and now[column] != kind
        ]
        found = [*(f"{column} is gone" for column in gone), *changed]
        detail = f"{', '.join(found)}; publish it under a new version" if found else "all columns stand"
        checks.append(Check(f"{name}.columns", not found, detail))
    return checks


def _nothing_personal(expected: list[str], candidates: Mapping[str, Relation]) -> list[Check]:
    """No token and nothing that stands for a person is published."""
    checks = []
    for name in expected:
        columns = candidates[name].columns if name in candidates else {}
        found = [column for column in columns if any(word in column for word in PERSONAL_WORDS)]
        checks.append(Check(f"{name}.personal", not found, ", ".join(found) or "nothing personal"))
    return checks


def _everything_described(expected: list[str], candidates: Mapping[str, Relation]) -> list[Check]:
    checks = []
    for name in expected:
        comments = candidates[name].comments if name in candidates else {}
        bare = [column or "the view itself" for column, comment in comments.items() if not comment]
        checks.append(Check(f"{name}.described", not bare, ", ".join(bare) or "everything is described"))
    return checks


def _still_as_large(counts: Mapping[str, int], before: Mapping[str, int]) -> list[Check]:
    """Rows do not vanish by themselves: less than half of the last publish is a fault until a person says otherwise."""
    checks = []
    for name, count in counts.items():
        old = before.get(name, 0)
        detail = f"{count} rows, {old} before" if name in before else f"{count} rows"
        checks.append(Check(f"{name}.rows", count >= old * SHRINK_LIMIT and (count > 0 or old == 0), detail))
    return checks


def _refuse_failed(checks: tuple[Check, ...]) -> None:
    failed = [f"{check.name}: {check.detail}" for check in checks if not check.passed]
    if failed:
        raise PublishRefused(f"what readers see stays as it was; {'; '.join(failed)}")


def _as_result(row: sa.Row[Any]) -> PublishResult:
    checks = tuple(Check(**check) for check in row.checks)
    return PublishResult(row.publish_id, False, row.published_at, row.data_as_of, dict(row.row_counts), checks)

"""Publish the candidate relations of the last build: copy them into an immutable build of their own and point the views
that readers know at it, in one transaction. Any failed check leaves the old views as they are.

The last builds stay. Each can be read as ``publish_<id>.<view>``, by the same roles and with the same row security, and
switched back to.
"""

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import sqlalchemy as sa

from hub.backup import publish_sums
from hub.build import builds
from hub.disclosure import store as disclosure_store
from hub.ingest.samples import NOTICE, count_simulated_rows
from hub.publish import checks as candidate_checks
from hub.publish import manifests, published, published_rights
from hub.publish.checks import Candidate, Check
from hub.publish.holding_readers import end_holding_readers
from hub.publish.published import CANDIDATE, PUBLISHED, Relation
from hub.publish.published_models import PublishedModel, read_published_models
from hub.settings import Settings
from hub.vault import audit
from hub.warehouse import build_lock
from hub.warehouse.grant_policy import Policy, policy_hash, read_policy

KEPT_BUILDS = 5


@dataclass(frozen=True)
class PublishResult:
    """What readers see now. ``is_new`` is false when nothing had changed since the last publish, which then stays."""

    publish_id: int
    is_new: bool
    published_at: datetime
    data_as_of: datetime | None
    row_counts: Mapping[str, int]
    checks: tuple[Check, ...]
    dropped_builds: tuple[int, ...] = ()


class PublishRefused(RuntimeError):
    """Nothing was switched; the message says which checks failed and what to do."""


def publish(
    settings: Settings, engine: sa.Engine, *, accept_shrinking: bool = False, policy: Policy | None = None
) -> PublishResult:
    """Publish what the last build made.

    Raises :class:`PublishRefused` when there is no finished build or a check fails; readers then go on with what they
    have. ``accept_shrinking`` lets a view lose more than half of its rows, or all. ``policy`` is who may read what,
    by default ``grants.yaml``.
    """
    policy = policy or read_policy()
    with engine.begin() as connection:
        build_lock.lock_builds(connection)
        build = _finished_build(connection)
        marks = (manifests.forecasts_so_far, manifests.known_issues_so_far, manifests.dispatches_so_far)
        beside = "/".join(mark(connection) for mark in marks)
        state = f"{build.code_sha256}/{build.deliveries_state}/{beside}/{policy_hash()}"
        fingerprint = hashlib.sha256(state.encode()).hexdigest()
        last, current = manifests.last_publish(connection), manifests.current_publish(connection)
        if last is not None and current is not None and last.fingerprint == fingerprint:
            # After a switch back the older one stays until there is something new.
            return _as_result(current)
        models = read_published_models(settings.dbt_project)
        candidate = Candidate(
            settings,
            connection,
            policy,
            expected=sorted(models),
            relations=published.relations_in(connection, CANDIDATE),
            views=published.relations_in(connection, PUBLISHED),
            models=models,
        )
        checks = candidate_checks.run(candidate_checks.OF_FORM, candidate)
        _refuse_failed(checks)
        count_simulated = count_simulated_rows(connection, build.delivery_ids or [])
        publish_id, published_at = manifests.new_publish(
            connection,
            {
                "build_id": build.build_id,
                "fingerprint": fingerprint,
                "code_version": f"{version('hate-crime-hub')}+{build.code_sha256[:12]}",
                "contract_versions": manifests.contract_versions(connection),
                "delivery_ids": build.delivery_ids or [],
                "data_as_of": build.data_as_of,
                "count_rows_simulated": count_simulated,
            },
        )
        disclosure_store.freeze_figures(connection, publish_id)
        stamps = {"publish_id": publish_id, "data_as_of": build.data_as_of, "published_at": published_at}
        # A candidate is a view over the marts: copied once, and looked at in the copy.
        counts = {
            name: published.copy_candidate(
                connection,
                _with_notice(candidate.relations[name], count_simulated),
                publish_id,
                stamps,
                _indexes(policy, name, models[name]),
                _own_columns(policy, name),
            )
            for name in candidate.expected
        }
        before = dict(current.row_counts) if current is not None and not accept_shrinking else {}
        before = {name: count for name, count in before.items() if name in models and not models[name].may_shrink}
        candidate = dataclasses.replace(candidate, publish_id=publish_id, counts=counts, counts_before=before)
        checks = (*checks, *candidate_checks.run(candidate_checks.OF_ROWS, candidate))
        published_rights.grant_build(connection, policy, publish_id, candidate.expected)
        checks = (*checks, *candidate_checks.run(candidate_checks.OF_READERS, candidate))
        _refuse_failed(checks)
        manifests.describe_publish(connection, publish_id, counts, [asdict(check) for check in checks])
        _switch(settings, connection, policy, publish_id, candidate.expected)
        manifests.note_switch(connection, publish_id, "published", None)
        publish_sums.note_number(settings, publish_id)
    published_rights.grant_kept_builds(engine, policy, publish_id)
    dropped = published.drop_old_builds(engine, KEPT_BUILDS)
    return PublishResult(publish_id, True, published_at, build.data_as_of, counts, checks, tuple(dropped))


def switch_back(
    settings: Settings, engine: sa.Engine, publish_id: int | None, *, decided_by: str, because: str
) -> PublishResult:
    """Let readers see an earlier (or again a later) publish that is still kept: ``publish_id``, or the one before the
    one that they see. Its manifest stays as it is; who switched, when and why is written down beside it and in the
    audit log. The next publish with something new goes on from the newest build.

    Raises :class:`PublishRefused` when there is none such, or a role would not see its rows of it.
    """
    policy = read_policy()
    with engine.begin() as connection:
        build_lock.lock_builds(connection)
        published.keep_from_switching_back(connection)
        wanted = _kept_publish(connection, publish_id)
        views = published.relations_in(connection, PUBLISHED)
        there = published.relations_in(connection, published.build_schema(wanted.publish_id))
        # What may be read of it is what may be read today.
        published_rights.grant_build(connection, policy, wanted.publish_id, sorted(there))
        counts = {name: wanted.row_counts[name] for name in there}
        candidate = Candidate(settings, connection, policy, sorted(there), there, views, wanted.publish_id, counts)
        _refuse_failed(candidate_checks.run(candidate_checks.OF_READERS, candidate))
        details = {"publish_id": wanted.publish_id}
        audit.append(settings, audit.Entry(decided_by, "publish switched", because, details))
        _switch(settings, connection, policy, wanted.publish_id, sorted({*views, *there}))
        manifests.note_switch(connection, wanted.publish_id, "switched", f"{decided_by}: {because}")
    return _as_result(wanted)


def _switch(
    settings: Settings, connection: sa.Connection, policy: Policy, publish_id: int, views: Sequence[str]
) -> None:
    """Point all views at a build. They are locked last, all together and only for this, so that readers hardly wait."""
    held = sorted(published.relations_in(connection, PUBLISHED))
    try:
        try:
            published.lock_views(connection, held)
        except published.ViewsHeld:
            if not end_holding_readers(connection, settings):
                raise
            published.lock_views(connection, held)
    except published.ViewsHeld as problem:
        raise PublishRefused(f"what readers see stays as it was; {problem}: publish again later") from problem
    built = published.relations_in(connection, published.build_schema(publish_id))
    for name in views:
        published.switch_view(connection, name, built.get(name), publish_id)
    published_rights.grant_views(connection, policy)
    should = published_rights.readers_meant(settings, policy, views)
    if (found := published_rights.readers_of_views(connection, settings, policy, views)) != should:
        wrong = ", ".join(f"{role} of {view}" for role, view in sorted(found ^ should)[:5])
        raise PublishRefused(f"what readers see stays as it was; readers differ from those that are meant: {wrong}")


def _kept_publish(connection: sa.Connection, publish_id: int | None) -> sa.Row[Any]:
    kept = published.standing_builds(connection)
    current = manifests.current_publish(connection)
    if current is None:
        raise PublishRefused("nothing is published yet")
    if publish_id is None:
        publish_id = next((one for one in kept if one < current.publish_id), None)
    if publish_id is None or publish_id not in kept:
        raise PublishRefused(f"there is no such publish any more; kept are {', '.join(map(str, kept))}")
    if publish_id == current.publish_id:
        raise PublishRefused(f"readers see publish {publish_id} already")
    return manifests.manifest(connection, publish_id)


def _indexes(policy: Policy, view: str, model: PublishedModel) -> list[tuple[str, ...]]:
    """What the model asks for and its key does not give, and one for each column by which a role's own rows are
    found."""
    asked = [columns for columns in model.indexes if columns != model.key[: len(columns)]]
    leading = {columns[0] for columns in (model.key, *asked) if columns}
    return [*asked, *((column,) for column in _own_columns(policy, view) if column not in leading)]


def _own_columns(policy: Policy, view: str) -> list[str]:
    """The columns by which a force or provider has its own rows."""
    return sorted({column for column in policy.published.get(view, {}).values() if column is not None})


def _with_notice(relation: Relation, count_simulated: int) -> Relation:
    """Its comment says when samples are among what is published: readers of any role and tool see it."""
    if not count_simulated:
        return relation
    return dataclasses.replace(relation, comments={**relation.comments, "": f"{relation.comments['']} {NOTICE}"})


def _finished_build(connection: sa.Connection) -> sa.Row[Any]:
    """The last build. A build of a selection mends nothing of a build of everything that failed before it."""
    last = builds.last_build(connection)
    for build in (builds.last_build(connection, of_everything=True), last):
        if because := builds.why_unfinished(build):
            raise PublishRefused(because)
    if last is None:
        raise PublishRefused("nothing has been built yet; run hub build")
    return last


def _refuse_failed(checks: tuple[Check, ...]) -> None:
    failed = [f"{check.name}: {check.detail}" for check in checks if not check.passed]
    if failed:
        raise PublishRefused(f"what readers see stays as it was; {'; '.join(failed)}")


def _as_result(row: sa.Row[Any]) -> PublishResult:
    checks = tuple(Check(**check) for check in row.checks)
    return PublishResult(row.publish_id, False, row.published_at, row.data_as_of, dict(row.row_counts), checks)

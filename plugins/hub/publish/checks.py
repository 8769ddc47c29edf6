"""What is looked at before readers see anything: each check by name, in the order in which it runs.

A check is a function that takes a :class:`Candidate` and gives a :class:`Check` for each thing that it looked at. To
add one, write it (here, or in a module of its own beside this one) and name it in ``OF_FORM``, ``OF_ROWS`` or
``OF_READERS``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from hub.disclosure import store as disclosure_store
from hub.disclosure.checks import findings, repeated
from hub.publish import published, published_rights
from hub.publish.published import PUBLISHED, STAMPS, Relation
from hub.publish.published_models import PublishedModel
from hub.settings import Settings
from hub.warehouse.grant_policy import Policy

SHRINK_LIMIT = 0.5
PERSONAL_WORDS = ("token", "person_id", "email", "phone", "birth")
DIFFERENCES_SHOWN = 5
PROTECTED_VIEWS = ("measures_protected_v1", "force_scorecard_protected_v1", "provider_scorecard_protected_v1")


@dataclass(frozen=True)
class Check:
    """A check before the switch; ``detail`` has its finding, without values of rows."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Candidate:
    """A build that is about to be published.

    ``expected`` are the views that the project has models of, ``relations`` what dbt has built for them, ``views`` what
    readers see now. Once the rows are copied, ``counts`` has the rows of each view, which are in the tables
    ``publish_<publish_id>.<view>``; ``counts_before`` those of the publish that readers see, where they may not shrink.
    ``models`` is what each view's model says of its rows.
    """

    settings: Settings
    connection: sa.Connection
    policy: Policy
    expected: Sequence[str]
    relations: Mapping[str, Relation]
    views: Mapping[str, Relation]
    publish_id: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    counts_before: Mapping[str, int] = field(default_factory=dict)
    models: Mapping[str, PublishedModel] = field(default_factory=dict)


def all_there(candidate: Candidate) -> list[Check]:
    """Every view that is promised was built."""
    return [
        Check(
            f"{name}.built", name in candidate.relations, "stands" if name in candidate.relations else "was not built"
        )
        for name in candidate.expected
    ]


def nothing_taken_away(candidate: Candidate) -> list[Check]:
    """Inside a version only additions: readers' queries go on working."""
    relations, views = candidate.relations, candidate.views
    checks = [
        Check(f"{name}.kept", False, f"is published, but no model makes it; drop view {PUBLISHED}.{name} to retire it")
        for name in views
        if name not in candidate.expected
    ]
    for name in candidate.expected:
        if name not in relations or name not in views:
            continue
        now = {stamp: kind for stamp, (kind, _) in STAMPS.items()} | dict(relations[name].columns)
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


def nothing_personal(candidate: Candidate) -> list[Check]:
    """No token and nothing that stands for a person is published."""
    checks = []
    for name in candidate.expected:
        columns = candidate.relations[name].columns if name in candidate.relations else {}
        found = [column for column in columns if any(word in column for word in PERSONAL_WORDS)]
        checks.append(Check(f"{name}.personal", not found, ", ".join(found) or "nothing personal"))
    return checks


def everything_described(candidate: Candidate) -> list[Check]:
    """Each view and column says what it is."""
    checks = []
    for name in candidate.expected:
        comments = candidate.relations[name].comments if name in candidate.relations else {}
        bare = [column or "the view itself" for column, comment in comments.items() if not comment]
        checks.append(Check(f"{name}.described", not bare, ", ".join(bare) or "everything is described"))
    return checks


def still_as_large(candidate: Candidate) -> list[Check]:
    """Rows do not vanish by themselves: less than half of the last publish is a fault until a person says otherwise."""
    checks = []
    for name, count in candidate.counts.items():
        old = candidate.counts_before.get(name, 0)
        detail = f"{count} rows, {old} before" if name in candidate.counts_before else f"{count} rows"
        checks.append(Check(f"{name}.rows", count >= old * SHRINK_LIMIT and (count > 0 or old == 0), detail))
    return checks


def rows_keep_their_rules(candidate: Candidate) -> list[Check]:
    """No row has the key of another, an empty column that is to be filled, or a value off its list. The copy is put
    under these rules, and keeps them as long as it is there."""
    checks = []
    for name in candidate.counts:
        broken = published.put_under_rules(
            candidate.connection, candidate.publish_id, name, candidate.models.get(name, PublishedModel())
        )
        checks.append(Check(f"{name}.rules", not broken, "; ".join(broken) or "every row keeps them"))
    return checks


def each_role_sees_its_rows(candidate: Candidate) -> list[Check]:
    """Every role, counted as that role, sees the rows that ``grants.yaml`` means it to see, and no others."""
    seen = published_rights.seen_by_all(
        candidate.connection, candidate.settings, candidate.policy, candidate.publish_id, list(candidate.counts)
    )
    should = published_rights.expected(
        candidate.connection, candidate.settings, candidate.policy, candidate.publish_id, candidate.counts
    )
    checks = []
    for name in candidate.counts:
        wrong = [
            f"{role} sees {_rows(seen.get((role, view)))}, not {_rows(count)}"
            for (role, view), count in should.items()
            if view == name and seen.get((role, view)) != count
        ]
        shown = "; ".join([*wrong[:DIFFERENCES_SHOWN], *(["…"] if len(wrong) > DIFFERENCES_SHOWN else [])])
        checks.append(Check(f"{name}.roles", not wrong, shown or "every role sees its rows"))
    return checks


def _rows(count: int | None) -> str:
    return "nothing" if count is None else f"{count} rows"


def nothing_disclosed(candidate: Candidate) -> list[Check]:
    """The public and protected figures, as they are in the candidate, tell of no small count, not even to who has all
    earlier ones and a search over whole numbers. Between two issues they are those that were attacked when they came
    out."""
    view = "public_statistics_v1"
    if not {view, *PROTECTED_VIEWS} <= candidate.relations.keys():
        return []
    connection = candidate.connection
    shown, before = disclosure_store.candidate_figures(connection), disclosure_store.published_figures(connection)
    if disclosure_store.has_come_out(connection):
        found = repeated(shown, before)
    else:
        decided, issued = disclosure_store.decided(connection), disclosure_store.issued(connection)
        found = findings(shown, decided, before, issued)
    return [Check(f"{view}.{one.name}", one.holds, one.detail) for one in found]


OF_FORM: tuple[Callable[[Candidate], list[Check]], ...] = (
    all_there,
    nothing_taken_away,
    nothing_personal,
    everything_described,
    nothing_disclosed,
)
"""Looked at before a row is copied."""

OF_ROWS: tuple[Callable[[Candidate], list[Check]], ...] = (still_as_large, rows_keep_their_rules)
"""Looked at in the copy, which nobody reads yet."""

OF_READERS: tuple[Callable[[Candidate], list[Check]], ...] = (each_role_sees_its_rows,)
"""Looked at in the copy once readers have their rights to it."""


def run(checks: Iterable[Callable[[Candidate], list[Check]]], candidate: Candidate) -> tuple[Check, ...]:
    """All results of these checks."""
    return tuple(result for check in checks for result in check(candidate))

"""One step of a walk: something happens to a hub, some of what waits is let go, and all that came of it is held against
what may leave."""

import random
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from fastapi.testclient import TestClient

from hub.dispatch.ledger import Dispatch
from hub.exchange import tokens
from hub.exchange.answer_links import issue_link
from hub.exchange.app import make_exchange
from hub.publish.extract import extract
from hub.publish.published_models import read_published_models
from hub.vault.hub_keys import Purpose
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from models.persons_hub import found_in
from models.persons_world import LONDON, MANCHESTER, File, Key
from models.promise_hub import PROVIDER, Document, PromisedHub, all_values, all_words
from models.promise_world import Account, Writer, every_account

TAKE_PERSONS = (LONDON, MANCHESTER)
KINDS = ("received", "passed_on", "not_for_police", "outcome")
AT_ONCE = 6
"""So many packages, and messages, are let go in a step."""


def let_something_happen(hub: PromisedHub, maker: Writer, chance: random.Random, *, may_move_key: bool) -> None:
    """One thing that can, chosen by chance."""
    happens: list[Callable[[PromisedHub, Writer, random.Random], None]] = [
        *(agrees_otherwise, agrees_otherwise, moves, moves, is_as_before, comes_late, comes_again),
        *(holds, holds, holds_late, releases, rejects, withdraws, restores, restores),
        *(erases, stops, stops, resumes, turns_clock, moves_other_key),
    ]
    chance.choice(happens)(hub, maker, chance)
    if may_move_key and chance.random() < 0.4:
        hub.rotate(Purpose.RECORD)


def one_of(hub: PromisedHub, chance: random.Random) -> Account:
    """A report, more often one of which something still waits."""
    keys = [key for key in hub.truth.stated() if key in hub.truth.published]
    waiting = sorted({key for one in hub.waiting() for key in hub.evidence(one)} & set(keys))
    return hub.truth.newest(chance.choice(waiting if waiting and chance.random() < 0.7 else keys))


def agrees_otherwise(hub: PromisedHub, maker: Writer, chance: random.Random) -> None:
    one = one_of(hub, chance)
    said = chance.choice(
        [{"is_consented": not one.is_consented}, {"contact": not one.contact},
         {"is_consented": not one.is_consented, "contact": not one.contact}]
    )  # fmt: skip
    if not (one.is_anonymous and (said.get("contact") or one.people.get("reporter"))):
        is_gone = bool(one.values & hub.truth.erased)
        hub.comes(maker.correct(one, moves=is_gone or chance.random() < 0.3, **said))


def moves(hub: PromisedHub, maker: Writer, chance: random.Random) -> None:
    one = one_of(hub, chance)
    if not one.is_anonymous:
        hub.comes(maker.correct(one, moves=True))


def is_as_before(hub: PromisedHub, _: Writer, chance: random.Random) -> None:
    """A report says again what it once said."""
    again = [key for key in hub.truth.published if len(hub.truth.versions(key)) > 1]
    if again:
        old = hub.truth.versions(chance.choice(sorted(again)))[0]
        if not (old.values & hub.truth.erased or old.is_anonymous or old.is_held):
            hub.comes(old)


def comes_late(hub: PromisedHub, maker: Writer, chance: random.Random) -> None:
    """A correction that counts as older than all others."""
    one = one_of(hub, chance)
    if not one.is_anonymous:
        day = datetime(2026, 10, 1, tzinfo=UTC) - timedelta(days=hub.count)
        hub.comes(maker.correct(one, moves=True, is_consented=not one.is_consented), day=f"{day:%Y-%m-%d}")


def comes_again(hub: PromisedHub, _: Writer, chance: random.Random) -> None:
    """A file of corrections comes again; or, seldom, one of the first files."""
    files = [
        one for one in hub.truth.files
        if not one.is_withdrawn and not one.quarantined and not one.rows and (one.number > 10 or chance.random() < 0.1)
        and not any(isinstance(row, Account) and (row.values & hub.truth.erased or row.is_anonymous or row.is_held)
                    for row in one.reports)
    ]  # fmt: skip
    if files:
        hub.come_again(chance.choice(files))


def withdraws(hub: PromisedHub, _: Writer, chance: random.Random) -> None:
    """One that came once, and of whose rows nobody has decided; also with rows in quarantine."""
    files = [
        one for one in hub.truth.files
        if not one.is_withdrawn and not one.rows and (one.number > 10 or chance.random() < 0.15)
        and sum(other.reports == one.reports for other in hub.truth.files) == 1
        and not any(isinstance(row, Account) and (row.is_anonymous or row.is_held) for row in one.reports)
    ]  # fmt: skip
    if files:
        hub.withdraw(chance.choice(files))


def restores(hub: PromisedHub, _: Writer, chance: random.Random) -> None:
    files = [one for one in hub.truth.files if one.is_withdrawn]
    if files:
        hub.restore(chance.choice(files))


def holds(hub: PromisedHub, maker: Writer, chance: random.Random, *, day: str = "") -> None:
    """A correction that contradicts itself comes, beside a new report; or two."""
    first = one_of(hub, chance)
    others = [one_of(hub, chance) for _ in range(chance.randint(0, 1))]
    those = {one.key: one for one in (first, *others) if one.feed == first.feed and not one.is_anonymous}
    rows = []
    for one in those.values():
        said = {"is_consented": not one.is_consented, "contact": not one.contact}
        rows.append(Account(**(vars(maker.correct(one, moves=True, **said)) | {"is_held": True, "platform": None})))
    if rows:
        hub.comes(*rows, maker.account(first.feed, True, True, "full", "full"), day=day)


def holds_late(hub: PromisedHub, maker: Writer, chance: random.Random) -> None:
    """Corrections that count as older than all that was said, so that nobody waits for them."""
    day = datetime(2026, 8, 1, tzinfo=UTC) - timedelta(days=hub.count)
    holds(hub, maker, chance, day=f"{day:%Y-%m-%d}")


def releases(hub: PromisedHub, _: Writer, chance: random.Random) -> None:
    if of := _decides(hub, chance):
        hub.release(*of)


def rejects(hub: PromisedHub, _: Writer, chance: random.Random) -> None:
    if of := _decides(hub, chance):
        hub.reject(*of)


def _decides(hub: PromisedHub, chance: random.Random) -> tuple[File, Key] | None:
    """Of one row that waits."""
    waits = [(file, one.key) for file in hub.truth.files if not file.is_withdrawn for one in file.quarantined]
    return chance.choice(waits) if waits else None


def erases(hub: PromisedHub, _: Writer, chance: random.Random) -> None:
    one = one_of(hub, chance)
    alike = [other for other in every_account(hub.truth) if other.key != one.key and other.values & one.values]
    if one.people and not alike and not one.values & hub.truth.erased:
        hub.forget(one, chance.choice(sorted(one.people)))


def stops(hub: PromisedHub, _: Writer, chance: random.Random) -> None:
    """Of a report about which something waits to be said."""
    waiting = {key for key, _ in hub.waiting_messages().values() if any(hub.truth.address(key, one) for one in KINDS)}
    if waiting:
        hub.stop(chance.choice(sorted(waiting)))


def resumes(hub: PromisedHub, _: Writer, chance: random.Random) -> None:
    if hub.truth.stops:
        hub.resume(chance.choice(sorted(hub.truth.stops)))


def turns_clock(hub: PromisedHub, _: Writer, chance: random.Random) -> None:
    hub.ahead += timedelta(hours=chance.choice((-30, -2, 1, 30, 200)))


def moves_other_key(hub: PromisedHub, _: Writer, chance: random.Random) -> None:
    hub.rotate(chance.choice((Purpose.PERSON, Purpose.TEXT, Purpose.MASTER)))


def approved_and_sent(hub: PromisedHub, chance: random.Random) -> tuple[int, int]:
    """Let some packages and messages go, and hold all that comes against what may; how many packages named somebody,
    and how many messages came."""
    messages = {one: said for one, said in hub.waiting_messages().items() if not has_its_own_test(hub, said[0])}
    waiting = [one for one in hub.waiting() if not any(has_its_own_test(hub, key) for key in hub.evidence(one))]
    touched = [one for one in waiting if hub.evidence(one) & hub.truth.touched]
    chosen = {*_some(chance, touched, AT_ONCE // 2), *_some(chance, waiting, AT_ONCE // 2)}
    for one in sorted(chosen, key=lambda one: one.number):
        hub.let_go(one)
    named = check_documents(hub, hub.send_documents())
    for one in chosen:
        has_to_name(hub, one, named)
    marked = [one for one, (key, _) in messages.items() if hub.truth.of_incident(key) & hub.truth.stops]
    changed = [one for one, (key, _) in messages.items() if key in hub.truth.touched]
    chosen_messages = (_some(chance, sorted(one), AT_ONCE // 2) for one in (marked, changed, list(messages)))
    those = {update for some in chosen_messages for update in some}
    for update in sorted(those):
        hub.let_message_go(update)
    told = hub.send_messages()
    everything = all_values(hub.truth) | all_words(hub.truth)
    for letter in told:
        assert letter.address == hub.truth.address(letter.key, letter.kind), letter
        assert not found_in(letter.text, everything)
    came = {(letter.key, letter.kind) for letter in told}
    for key, kind in (messages[one] for one in those):
        if hub.truth.has_to_tell(key, kind):
            assert (key, kind) in came, f"nobody was told {kind} of {key}"
    return sum(bool(values) for values in named.values()), len(told)


def has_its_own_test(hub: PromisedHub, key: Key) -> bool:
    """Whose reporter asked to stay anonymous."""
    return any(one.is_anonymous for one in hub.truth.versions(key))


def _some[T](chance: random.Random, those: list[T], count: int) -> list[T]:
    return chance.sample(those, min(count, len(those)))


def check_documents(hub: PromisedHub, documents: list[Document]) -> dict[tuple[str, str], set[str]]:
    """Hold what came against what may be said; returns the values that each form of each package has."""
    values, words = all_values(hub.truth), all_words(hub.truth)
    urls = {str(one.row()["content_url"]) for one in every_account(hub.truth)}
    by_id = {str(one.dispatch_id): one for one in hub.dispatches()}
    named = dict[tuple[str, str], set[str]]()
    for one in documents:
        may = allowed(hub, by_id[one.dispatch_id]) if one.is_package else set()
        found = found_in(one.text, values)
        keys = sorted(hub.evidence(by_id[one.dispatch_id])) if one.is_package else []
        what = f"{one.recipient} {one.dispatch_id}{one.name} about {keys}"
        assert found <= may, f"{what} names {found - may}"
        assert not found_in(one.text, words), what
        assert one.recipient == PROVIDER or not found_in(one.text, urls), what
        if one.is_package:
            named[one.dispatch_id, one.name] = named.get((one.dispatch_id, one.name), set()) | found
    return named


def allowed(hub: PromisedHub, one: Dispatch) -> set[str]:
    return hub.truth.may_be_named(hub.evidence(one)) if one.recipient in TAKE_PERSONS else set()


def has_to_name(hub: PromisedHub, one: Dispatch, named: dict[tuple[str, str], set[str]]) -> None:
    """What is certain arrives."""
    found = named.get((str(one.dispatch_id), ".json"))
    keys = hub.evidence(one)
    if hub.truth.has_to_name(keys):
        assert found == allowed(hub, one), f"{one.recipient} {sorted(keys)}"


def package_about(hub: PromisedHub, key: Key) -> set[str]:
    """Let the packages to a force about a report go; returns the values of persons in them, by JSON and PDF alike."""
    those = [one for one in hub.waiting() if key in hub.evidence(one) and one.recipient != PROVIDER]
    assert len(those) == 1
    hub.let_go(those[0])
    texts = [one.text for one in hub.send_documents() if one.dispatch_id == str(those[0].dispatch_id)]
    assert len(texts) >= 2
    return set().union(*(found_in(text, all_values(hub.truth)) for text in texts))


def addresses_told(hub: PromisedHub, *keys: Key) -> set[str]:
    """The addresses that get messages about these reports now."""
    for one, (key, _) in hub.waiting_messages().items():
        if key in keys:
            hub.let_message_go(one)
    return {letter.address for letter in hub.send_messages()}


def outside_views(hub: PromisedHub) -> dict[str, str]:
    """What is seen at the exchange, behind links for answers, and in extracts."""
    sent = [one for one in hub.dispatches() if one.recipient == LONDON and one.state.value in ("sent", "delivered")]
    seen, now = dict[str, str](), datetime.now(UTC)
    with TestClient(make_exchange(hub.settings)) as client:
        token = tokens.issue(hub.settings, hub.owner, LONDON, tuple(tokens.Scope), now, days=1, by="tests").token
        for one in sent[:6]:
            link = issue_link(hub.settings, hub.owner, one.dispatch_id, now, days=1, by="tests")
            seen[f"page {one.dispatch_id}"] = client.post(link.path, data={"code": link.code}).text
            path = f"/v1/dispatches/{one.dispatch_id}"
            answer = client.get(path, headers={"Authorization": f"Bearer {token}"})
            assert re.match("2|4", str(answer.status_code))
            seen[path] = answer.text
    assert any("AL-" in text for text in seen.values())
    views = sorted(read_published_models(hub.settings.dbt_project))
    engine = open_warehouse(hub.settings, Role.ANALYST)
    for file in extract(hub.settings, engine, views, role="hub_analyst").folder.rglob("*.csv"):
        seen[file.name] = file.read_text()
    return seen

"""What the service's role can see and do with a link by SQL, whatever it sets: a stranger's proof of decision 0158."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from dispatch.conftest import FORCE
from exchange.conftest import OTHER_FORCE, Exchange
from exchange.links import link_to, wrong_code
from exchange.outside import ingested
from hub.exchange.answer_links import IssuedLink, hash_of_code
from hub.exchange.tokens import hash_of
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

type Set = tuple[str | None, str | None]
"""Hashes of token and code, as a transaction has them."""
SEEN = ("ledger.dispatches", "ledger.dispatch_moves", "ledger.exchange_receipts")


def kept(exchange: Exchange) -> list[dict[str, object]]:
    """All that the hub knows of tokens and links."""
    with exchange.hub.engine.connect() as connection:
        rows = connection.exec_driver_sql("select * from ledger.exchange_tokens order by issued_at, token_id")
        return [dict(row) for row in rows.mappings()]


@contextmanager
def as_the_service(exchange: Exchange, token: str | None, code: str | None) -> Iterator[sa.Connection]:
    """A transaction of the exchange's role with these settings (hashes), which is rolled back."""
    with open_warehouse(exchange.hub.settings, Role.EXCHANGE).connect() as connection:
        for name, value in (("hub.exchange_token", token), ("hub.exchange_code", code)):
            if value is not None:
                connection.execute(sa.select(sa.func.set_config(name, value, True)))
        yield connection
        connection.rollback()


def by(link: IssuedLink) -> tuple[str, str]:
    return hash_of(link.token), hash_of_code(link.token, link.code)


@pytest.fixture
def pair(exchange: Exchange) -> tuple[IssuedLink, IssuedLink]:
    """Links to two dispatches of one force, both of which have a receipt by a token; others have dispatches, too."""
    first, second = exchange.offered(), exchange.offered()
    exchange.offered(target_code=OTHER_FORCE)
    token = exchange.token().token
    for one in (first, second):
        said = {"kind": "acknowledged", "happened_at": "2026-03-03T09:30:00+00:00"}
        assert exchange.post(token, f"/v1/dispatches/{one}/answers", json=said).status_code == 202
    return link_to(exchange, first), link_to(exchange, second)


def test_by_sql_a_link_shows_its_own_dispatch_and_that_only_with_its_own_code(
    exchange: Exchange, pair: tuple[IssuedLink, IssuedLink]
) -> None:
    token = hash_of(exchange.token().token)
    (first, second), codes = map(by, pair), [by(one)[1] for one in pair]
    codes += ["", "x", token, by(pair[0])[0], hash_of_code(pair[0].token, wrong_code(pair[0])), pair[0].code]
    own = {one.dispatch_id for one in exchange.hub.dispatches() if one.recipient == FORCE}
    of_first, of_second = exchange.hub.dispatches()[0].dispatch_id, exchange.hub.dispatches()[1].dispatch_id
    held = {first: {of_first}, second: {of_second}}
    for shown_token in (None, "", "x", first[0], second[0], first[1], token):
        for code in (None, *codes):
            expected = held.get((shown_token or "", code or ""), set())
            if shown_token == token and not code:  # a token is no link: with a code it opens nothing
                expected = own
            with as_the_service(exchange, shown_token, code) as connection:
                for table in SEEN:
                    seen: set[uuid.UUID] = set(connection.exec_driver_sql(f"select dispatch_id from {table}").scalars())
                    assert seen == expected, (table, shown_token, code)


RECEIPT = """insert into ledger.exchange_receipts
    select '{recipient}', gen_random_uuid(), 'force_responses', '00', 1, {dispatch}, '{token}', now()"""
MOVE = """insert into ledger.dispatch_moves
    (dispatch_id, move_number, needs_approval, from_state, to_state, at, actor, proof)
    values ('{dispatch}', 3, false, 'sent', '{to}', now(), '{actor}', 'forged')"""


def test_by_sql_a_link_adds_nothing_but_to_its_own_dispatch_and_ends_no_other_link(
    exchange: Exchange, pair: tuple[IssuedLink, IssuedLink]
) -> None:
    first, second = pair
    own, other = (f"'{one.dispatch_id}'" for one in exchange.hub.dispatches()[:2])
    forged = [
        RECEIPT.format(recipient=FORCE, dispatch=other, token=first.token_id),
        RECEIPT.format(recipient=FORCE, dispatch="null", token=first.token_id),
        RECEIPT.format(recipient=FORCE, dispatch=own, token=second.token_id),
        RECEIPT.format(recipient=FORCE, dispatch=own, token=uuid.uuid4()),
        RECEIPT.format(recipient=OTHER_FORCE, dispatch=own, token=first.token_id),
        MOVE.format(dispatch=other.strip("'"), to="delivered", actor=FORCE),
        MOVE.format(dispatch=own.strip("'"), to="accepted", actor=FORCE),
        MOVE.format(dispatch=own.strip("'"), to="delivered", actor=OTHER_FORCE),
        "select code_sha256 from ledger.exchange_tokens",
        "select token_sha256 from ledger.exchange_tokens",
        "update ledger.exchange_tokens set count_wrong_codes = 0",
        "delete from ledger.exchange_receipts",
        "update ledger.exchange_receipts set token_id = gen_random_uuid()",
        "create temporary table exchange_tokens (token_id uuid)",
    ]
    assert [one for one in forged if not is_refused(exchange, by(first), one)] == []
    theirs = RECEIPT.format(recipient=FORCE, dispatch=own, token=first.token_id)
    assert is_refused(exchange, (hash_of(exchange.token().token), None), theirs)


def is_refused(exchange: Exchange, settings: tuple[str, str | None], statement: str) -> bool:
    with as_the_service(exchange, *settings) as connection:
        try:
            connection.exec_driver_sql(statement)
        except sa.exc.ProgrammingError as refusal:
            return "permission denied" in str(refusal) or "row-level security" in str(refusal)
    return False


def test_functions_of_the_service_tell_no_hash_and_end_no_link_but_by_wrong_codes_for_it(
    exchange: Exchange, pair: tuple[IssuedLink, IssuedLink]
) -> None:
    first, second = pair
    functions = """
        select pg_proc.oid::regproc::text, pronargs, prosecdef, proconfig from pg_proc
        where has_function_privilege('hub_exchange', oid, 'execute')
        and pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    """
    with exchange.hub.engine.connect() as connection:
        callable_ = connection.exec_driver_sql(functions).all()
        delivery: str = connection.exec_driver_sql(
            "select min(delivery_id::text) from ledger.exchange_receipts"
        ).scalar_one()
    assert all("search_path=pg_catalog, pg_temp" in (one.proconfig or []) for one in callable_ if one.prosecdef)
    ours = [one for one in callable_ if one[0].startswith("ledger.exchange_")]
    assert [one[0] for one in callable_ if one.prosecdef and one not in ours] == []
    arguments = {0: "", 1: f"'{delivery}'", 2: f"'{delivery}', 10"}
    before = kept(exchange)
    hashes = {str(row[name]) for row in before for name in ("token_sha256", "code_sha256")} - {"None"}

    def call_all(token: str | None, code: str | None) -> str:
        """All that these functions say, kept as they leave it."""
        with open_warehouse(exchange.hub.settings, Role.EXCHANGE).begin() as connection:
            for name, value in (("hub.exchange_token", token), ("hub.exchange_code", code)):
                connection.execute(sa.select(sa.func.set_config(name, value or "", True)))
            said = [connection.exec_driver_sql(f"select * from {one[0]}({arguments[one[1]]})").all() for one in ours]
        return str(said)

    settings: Set
    for settings in ((None, None), ("x", "x"), (None, by(first)[1]), (by(first)[1], by(first)[1]), by(first)):
        call_all(*settings)
        assert kept(exchange) == before, settings
    for settings in (by(first), (by(first)[0], by(second)[1]), (by(first)[0], None)):
        said = call_all(*settings)
        assert not [one for one in hashes if one in said]
        after = kept(exchange)
        for row, was in zip(after, before, strict=True):
            changed = {name for name in row if row[name] != was[name]}
            assert changed <= ({"count_wrong_codes"} if row["token_id"] == first.token_id else set())
            assert int(str(row["count_wrong_codes"])) >= int(str(was["count_wrong_codes"]))
    assert len(ingested(exchange.hub, "force_responses")) == 2
    for settings, count in ((by(first), 0), ((hash_of(exchange.token().token), None), 1)):
        with as_the_service(exchange, *settings) as connection:  # a link is told of no delivery
            told = connection.exec_driver_sql(f"select * from ledger.exchange_outcome('{delivery}')").all()
            assert len(told) == count


def test_by_sql_two_transactions_with_one_link_wait_for_each_other_and_with_two_links_do_not(
    exchange: Exchange, pair: tuple[IssuedLink, IssuedLink]
) -> None:
    (first, second), hold = map(by, pair), "select ledger.exchange_hold_link()"
    with as_the_service(exchange, *first) as holding:
        holding.exec_driver_sql(hold)
        with as_the_service(exchange, *second) as other:
            other.exec_driver_sql("set local lock_timeout = '200ms'")
            other.exec_driver_sql(hold)
        with as_the_service(exchange, *first) as waiting:
            waiting.exec_driver_sql("set local lock_timeout = '200ms'")
            with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
                waiting.exec_driver_sql(hold)

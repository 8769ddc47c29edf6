"""No token reads or answers another recipient's dispatch: by the service, and by SQL as its role."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.conftest import FORCE, PROVIDER
from exchange.conftest import OTHER_FORCE, Exchange
from hub.exchange.bearer import SETTING
from hub.exchange.tokens import hash_of
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role

RECIPIENTS = {FORCE: "force", OTHER_FORCE: "force", PROVIDER: "provider"}
ACTS = ("list", "fetch", "answer")
KINDS = ("acknowledged", "accepted", "content_removed")
OWN = {
    "ledger.dispatches": "select count(*), count(*) filter (where recipient = :own) from ledger.dispatches",
    "ledger.dispatch_moves": """
        select count(*), count(*) filter (where dispatches.recipient = :own)
        from ledger.dispatch_moves left join ledger.dispatches using (dispatch_id)
    """,
    "ledger.dispatch_sends": """
        select count(*), count(*) filter (where dispatches.recipient = :own)
        from ledger.dispatch_sends left join ledger.dispatches using (dispatch_id)
    """,
    "ledger.exchange_receipts": """
        select count(*), count(*) filter (where recipient = :own) from ledger.exchange_receipts
    """,
}


@contextmanager
def as_the_service(exchange: Exchange, token: str | None) -> Iterator[sa.Connection]:
    """A transaction of the exchange's role with a token, which is rolled back."""
    with open_warehouse(exchange.hub.settings, Role.EXCHANGE).connect() as connection:
        if token is not None:
            connection.execute(sa.select(sa.func.set_config(SETTING, hash_of(token), True)))
        yield connection
        connection.rollback()


@pytest.fixture
def tokens(exchange: Exchange) -> Mapping[str, str]:
    """A token of each recipient; each has two dispatches."""
    exchange.service.limit.most = 10**9
    for _ in range(2):
        for code, kind in RECIPIENTS.items():
            exchange.offered(kind, code)
    return {code: exchange.token(code).token for code in RECIPIENTS}


def test_whatever_is_asked_with_a_token_stays_within_its_recipients_dispatches(
    exchange: Exchange, tokens: Mapping[str, str]
) -> None:
    dispatches = {one.dispatch_id: one.recipient for one in exchange.hub.dispatches()}
    steps = st.tuples(
        st.sampled_from(sorted(tokens)),
        st.sampled_from(sorted(dispatches)),
        st.sampled_from(ACTS),
        st.sampled_from(KINDS),
    )

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(steps, max_size=6))
    def ask(asked: list[tuple[str, uuid.UUID, str, str]]) -> None:
        for code, dispatch_id, act, kind in asked:
            _ask(exchange, tokens[code], dispatch_id, act, kind, is_own=dispatches[dispatch_id] == code)

    answer_once_each(exchange, tokens)
    ask()
    with exchange.hub.engine.connect() as connection:
        moved = connection.exec_driver_sql(
            "select count(*) filter (where actor not in ('hub', recipient)), count(*) filter (where actor <> 'hub')"
            " from ledger.dispatch_moves inner join ledger.dispatches using (dispatch_id)"
        ).one()
        answered = connection.exec_driver_sql(
            "select count(*) filter (where dispatches.recipient <> receipts.recipient), count(*)"
            " from ledger.exchange_receipts as receipts inner join ledger.dispatches using (dispatch_id)"
        ).one()
    assert (moved[0], answered[0]) == (0, 0)
    assert moved[1] > 0 < answered[1]


def answer_once_each(exchange: Exchange, tokens: Mapping[str, str]) -> None:
    """Each recipient answers its first dispatch."""
    for code, token in tokens.items():
        dispatch_id = exchange.get(token, "/v1/dispatches").json()["dispatches"][0]["dispatch_id"]
        kind = "content_removed" if code == PROVIDER else "accepted"
        _ask(exchange, token, dispatch_id, "fetch", kind, is_own=True)
        _ask(exchange, token, dispatch_id, "answer", kind, is_own=True)


def _ask(exchange: Exchange, token: str, dispatch_id: uuid.UUID, act: str, kind: str, *, is_own: bool) -> None:
    path = f"/v1/dispatches/{dispatch_id}"
    if act == "list":
        listed = exchange.get(token, "/v1/dispatches").json()["dispatches"]
        assert (str(dispatch_id) in [one["dispatch_id"] for one in listed]) == is_own
    elif act == "fetch":
        for form in (path, f"{path}/pdf"):
            assert exchange.get(token, form).status_code == (200 if is_own else 404)
    else:
        said = {"kind": kind, "happened_at": "2026-03-03T10:00:00+00:00"}
        status = exchange.post(token, f"{path}/answers", json=said).status_code
        assert status in ({200, 202, 422} if is_own else {404})


def test_the_services_role_sees_only_rows_of_the_token_that_its_transaction_has(
    exchange: Exchange, tokens: Mapping[str, str]
) -> None:
    answer_once_each(exchange, tokens)
    for relation, counted in OWN.items():
        for code, token in tokens.items():
            with as_the_service(exchange, token) as connection:
                counts = connection.execute(sa.text(counted), {"own": code}).one()
            assert counts[0] == counts[1] > 0, relation
        for unknown in (None, "", "hubx_unknown"):
            with as_the_service(exchange, unknown) as connection:
                assert connection.execute(sa.text(counted), {"own": FORCE}).one()[0] == 0, relation


FORBIDDEN = (
    "select * from ledger.exchange_tokens",
    "select * from ledger.deliveries",
    "select * from quarantine.rows",
    "select * from raw.force_responses",
    "select * from vault.subject_keys",
    "select * from audit.log",
    "update ledger.dispatches set recipient = 'x'",
    "delete from ledger.dispatch_moves",
    "insert into ledger.exchange_receipts select 'x', gen_random_uuid(), 'f', '00', 1, null, gen_random_uuid(), now()",
    "insert into ledger.dispatch_moves"
    " (dispatch_id, move_number, needs_approval, from_state, to_state, at, actor, proof)"
    " select dispatch_id, 3, needs_approval, 'sent', 'accepted', now(), 'E23000001', 'forged' from ledger.dispatches",
)


def test_the_services_role_reads_no_other_table_and_forges_nothing(
    exchange: Exchange, tokens: Mapping[str, str]
) -> None:
    for statement in FORBIDDEN:
        with (
            as_the_service(exchange, tokens[FORCE]) as connection,
            pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|row-level security"),
        ):
            connection.exec_driver_sql(statement)

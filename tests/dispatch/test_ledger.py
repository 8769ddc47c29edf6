"""The ledger of dispatches: every move is kept, and none that is not legal can be made, by whatever hand."""

import itertools
import uuid

import pytest
import sqlalchemy as sa

from dispatch.conftest import FORCE, Hub
from hub.dispatch import ledger
from hub.dispatch.ledger import IllegalMove
from hub.dispatch.rounds import utc_now
from hub.dispatch.states import ENDED, GIVEN_BACK, State
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role


def go(hub: Hub, dispatch_id: uuid.UUID, to: State) -> None:
    with open_warehouse(hub.settings, Role.DISPATCHER).begin() as connection:
        ledger.move(connection, dispatch_id, to, at=utc_now(), actor="a.person", proof="a test")


@pytest.fixture
def prepared(hub: Hub) -> uuid.UUID:
    hub.offer()
    [dispatch_id] = hub.prepare().new
    return dispatch_id


def test_a_move_is_made_where_it_is_legal_and_refused_by_name_where_it_is_not(hub: Hub, prepared: uuid.UUID) -> None:
    with pytest.raises(IllegalMove, match=f"{prepared} is prepared and cannot become accepted"):
        go(hub, prepared, State.ACCEPTED)
    go(hub, prepared, State.SENT)
    go(hub, prepared, State.ACCEPTED)
    with pytest.raises(IllegalMove, match="is accepted and cannot become sent"):
        go(hub, prepared, State.SENT)
    assert hub.way() == ["prepared", "sent", "accepted"]
    with pytest.raises(IllegalMove, match="there is no dispatch"):
        go(hub, uuid.UUID(int=0), State.SENT)


def test_what_a_person_has_to_approve_is_sent_only_after_that(hub: Hub) -> None:
    hub.recipient(FORCE, approval="always")
    hub.offer()
    [dispatch_id] = hub.prepare().new
    with pytest.raises(IllegalMove):
        go(hub, dispatch_id, State.SENT)
    go(hub, dispatch_id, State.APPROVED)
    go(hub, dispatch_id, State.SENT)


def test_no_way_through_the_states_comes_to_one_twice(hub: Hub) -> None:
    """Answers can be followed again and again: none leads back."""
    with hub.engine.connect() as connection:
        legal = ledger.legal_moves(connection)
    for needs_approval in (True, False):
        after = {one: {to for before, to, which in legal if (before, which) == (one, needs_approval)} for one in State}
        seen, waiting = set[State](), [State.PREPARED]
        while waiting:
            one = waiting.pop()
            seen.add(one)
            reached, ahead = set[State](), set(after[one])
            while ahead - reached:
                reached |= ahead
                ahead = set(itertools.chain.from_iterable(after[state] for state in reached))
            assert one not in reached, one
            waiting += after[one] - seen
        assert seen == set(State) - (set() if needs_approval else {State.APPROVED})
        assert all(after[one] == set() for one in ENDED)
        assert all(after[one] == {State.CLOSED} for one in GIVEN_BACK)


@pytest.mark.parametrize(
    "statement",
    [
        # from where it is not, to where it may not go, past a number, as a first move, past the approval
        "insert into ledger.dispatch_moves select dispatch_id, 2, false, 'sent', 'delivered', now(), '', ''",
        "insert into ledger.dispatch_moves select dispatch_id, 2, false, 'prepared', 'accepted', now(), '', ''",
        "insert into ledger.dispatch_moves select dispatch_id, 3, false, 'prepared', 'sent', now(), '', ''",
        "insert into ledger.dispatch_moves select dispatch_id, 2, false, null, 'prepared', now(), '', ''",
        "insert into ledger.dispatch_moves select dispatch_id, 2, true, 'prepared', 'approved', now(), '', ''",
    ],
)
@pytest.mark.usefixtures("prepared")
def test_the_database_refuses_a_move_that_is_not_legal(hub: Hub, statement: str) -> None:
    columns = "(dispatch_id, move_number, needs_approval, from_state, to_state, at, actor, proof)"
    statement = statement.replace("dispatch_moves", f"dispatch_moves {columns}") + " from ledger.dispatches"
    with pytest.raises(sa.exc.IntegrityError):
        hub.change(statement)
    assert hub.states() == ["prepared"]


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger.dispatch_moves set actor = 'me'",
        "delete from ledger.dispatch_moves",
        "truncate ledger.dispatch_moves",
    ],
)
@pytest.mark.usefixtures("prepared")
def test_a_move_is_never_changed_or_taken_back(hub: Hub, statement: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="only ever added"):
        hub.change(statement)
    with (
        open_warehouse(hub.settings, Role.DISPATCHER).begin() as connection,
        pytest.raises(sa.exc.ProgrammingError, match="permission denied"),
    ):
        connection.execute(sa.text(statement))


def test_of_two_movers_at_once_one_is_refused(hub: Hub, prepared: uuid.UUID) -> None:
    engine = open_warehouse(hub.settings, Role.DISPATCHER)
    with engine.connect() as first, engine.connect() as second:
        ledger.move(first, prepared, State.SENT, at=utc_now(), actor="hub", proof="one")
        second.execute(sa.text("set lock_timeout = '100ms'"))
        with pytest.raises(sa.exc.OperationalError):
            ledger.move(second, prepared, State.WITHDRAWN, at=utc_now(), actor="a.person", proof="other")
        second.rollback()
        first.commit()
        ledger.move(second, prepared, State.WITHDRAWN, at=utc_now(), actor="a.person", proof="other")
        second.commit()
    assert hub.way() == ["prepared", "sent", "withdrawn"]


@pytest.mark.parametrize("table", ["vault.true_vision_reports", "raw.true_vision_reports", "marts.fct_allocations"])
def test_the_dispatcher_reads_nothing_but_what_it_needs(hub: Hub, table: str) -> None:
    with (
        open_warehouse(hub.settings, Role.DISPATCHER).connect() as connection,
        pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|does not exist"),
    ):
        connection.execute(sa.text(f"select * from {table}"))


def test_more_dispatches_than_a_statement_has_places_for_can_be_read(hub: Hub, prepared: uuid.UUID) -> None:
    """So many wait at once where a recipient is paused, or packages wait for a person."""
    asked = [prepared, *(uuid.uuid4() for _ in range(70_000))]
    with hub.engine.connect() as connection:
        assert [one.dispatch_id for one in ledger.read(connection, asked)] == [prepared]

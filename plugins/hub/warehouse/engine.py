"""Connections to the warehouse: one engine over PostgreSQL for each role, transactions, and bulk copy.

Bulk rows go through :func:`copy_rows` on the same connection, so rows, quarantine and ledger share a transaction.
"""

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, cast

import psycopg
import pyarrow as pa
import sqlalchemy as sa
from pgpq import ArrowToPostgresBinaryEncoder
from pgpq.encoders import StringEncoderBuilder
from pgpq.schema import Jsonb
from psycopg.pq import Conninfo
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import URL, make_url

from hub.settings import Settings
from hub.warehouse import embedded_postgres, roles

FEED_LOCK_SPACE = 4_207_002
WIRE_FORMS: tuple[tuple[type[sa.types.TypeEngine[Any]], pa.DataType], ...] = (
    (sa.UUID, pa.binary(16)),
    (sa.BigInteger, pa.int64()),
    (sa.SmallInteger, pa.int16()),
    (sa.Integer, pa.int32()),
    (sa.LargeBinary, pa.binary()),
    (sa.Date, pa.date32()),
    (sa.TIMESTAMP, pa.timestamp("us", tz="UTC")),
    (JSONB, pa.string()),
    (sa.Text, pa.string()),
    (sa.Float, pa.float64()),
    (sa.Boolean, pa.bool_()),
)
"""What a column takes. The binary form of COPY is read as the column's own type without a look at what was sent: eight
bytes of a number would be a text of eight characters."""


SESSION = "-c timezone=UTC -c enable_parallel_hash=off"
"""As in the profile of dbt, which says why."""


class WarehouseProblem(RuntimeError):
    """The warehouse cannot be reached or prepared; the message says which and what to do."""


def open_warehouse(settings: Settings, role: str) -> sa.Engine:
    """The engine for these settings as ``role``: over the embedded PostgreSQL, started where it does not run, or
    ``HUB_WAREHOUSE_URL``. Roles are made where they are missing.

    Raises :class:`WarehouseProblem` when it cannot be reached, or not as this role.
    """
    return _open(settings, role)


@functools.cache
def _open(settings: Settings, role: str) -> sa.Engine:
    # Who asks next gets the session that was used last: it has at hand what it looked at.
    engine = _engine(role_address(settings, role), pool_use_lifo=True)
    try:
        _try(engine)
    except WarehouseProblem:
        if server_address(settings).username is None:
            raise
        # The roles' passwords can be older than the server.
        set_up_roles(settings)
        _try(engine)
    return engine


def role_address(settings: Settings, role: str) -> URL:
    """``postgresql://…`` of a role, password and all. Raises :class:`WarehouseProblem` where there is no such role."""
    try:
        password = roles.password_of(settings, role)
        if settings.secrets_folder is not None and password is None:
            raise WarehouseProblem(f"the password of {role} is not in {settings.secrets}")
        # A new version of the hub can have more roles than the server.
        if settings.secrets_folder is None and (password is None or roles.without_password(settings)):
            set_up_roles(settings)
            password = roles.password_of(settings, role)
    except roles.RolesProblem as problem:
        raise WarehouseProblem(str(problem)) from problem
    return server_address(settings).set(username=role, password=password)


def libpq_environment(address: URL) -> dict[str, str]:
    """What an address asks of a connection after its ``?``, such as ``sslmode``, as the variables by which PostgreSQL's
    own programs and drivers are told."""
    variables = {one.keyword.decode(): one.envvar.decode() for one in Conninfo.get_defaults() if one.envvar}
    asked = ((name, value) for name, value in address.query.items() if isinstance(value, str))
    return {variables[name]: value for name, value in asked if name in variables}


def set_up_roles(settings: Settings, *, renew: bool = False) -> None:
    """Make the warehouse's roles where they are missing, as the server's administrator: the embedded server's, or the
    user of ``HUB_WAREHOUSE_URL``. ``renew`` gives all of them new passwords. Raises :class:`WarehouseProblem`."""
    try:
        roles.set_up_roles(settings, open_as_administrator(settings), renew=renew)
    except roles.RolesProblem as problem:
        raise WarehouseProblem(str(problem)) from problem


def open_for_a_look(settings: Settings, role: str, seconds: int, *, at: URL | None = None) -> sa.Engine:
    """An engine for one who looks on now and then and must not wait: it starts no server, keeps no connection, writes
    nothing, and gives up after so many seconds. ``at`` is another server than the hub's, a replica. Raises
    :class:`WarehouseProblem` where the hub does not run."""
    require_running(settings)
    session = f"{SESSION} -c statement_timeout={seconds}s -c transaction_timeout={seconds}s"
    waits = {"connect_timeout": seconds, "tcp_user_timeout": 1000 * seconds}
    address = role_address(settings, role)
    if at is not None:
        database = at.database or address.database
        address = address.set(host=at.host, port=at.port or 5432, database=database, query=at.query)
    return _engine(address, f"{session} -c default_transaction_read_only=on", waits, poolclass=sa.NullPool)


def require_running(settings: Settings) -> None:
    """A question must not start a server that nobody would stop. Raises :class:`WarehouseProblem` where the embedded
    one does not run."""
    server = embedded_postgres.embedded_postgres(settings)
    if settings.warehouse_url is None and embedded_postgres.postmaster_pid(server) is None:
        raise WarehouseProblem(f"the hub at {settings.home} is not running; make run starts it")


def open_as_administrator(settings: Settings) -> sa.Engine:
    """An engine as the server's administrator, who may do everything. Raises :class:`WarehouseProblem`."""
    address = server_address(settings)
    if address.username is None:
        raise WarehouseProblem(
            f"the roles' passwords are not in {settings.secrets}; run hub prepare once with a HUB_WAREHOUSE_URL that "
            "names an administrator"
        )
    administrator = _engine(address, poolclass=sa.NullPool)
    _try(administrator)
    return administrator


def refused_logins(settings: Settings) -> dict[str, str]:
    """Roles that cannot log in with the password that the hub keeps, with the server's reason: somebody else gave them
    another. Airflow's role has no right to this database, and is not asked."""
    refused = {}
    for role in roles.login_roles(settings):
        if role == roles.Role.AIRFLOW:
            continue
        try:
            _try(_engine(role_address(settings, role), poolclass=sa.NullPool))
        except WarehouseProblem as problem:
            refused[role] = str(problem)
    return refused


def server_address(settings: Settings) -> URL:
    """The server and database, with the administrator who may make roles, if one is named. Starts the embedded server
    where that is the one."""
    if settings.warehouse_url:
        return make_url(settings.warehouse_url)
    server = embedded_postgres.embedded_postgres(settings)
    embedded_postgres.ensure_running(server)
    return make_url(server.url)


def _engine(address: URL, session: str = SESSION, waits: Mapping[str, int] | None = None, **options: Any) -> sa.Engine:
    return sa.create_engine(
        address.set(drivername="postgresql+psycopg"),
        connect_args={"options": session, "application_name": "hub", **(waits or {})},
        hide_parameters=True,
        **({"pool_pre_ping": True} | options),
    )


def _try(engine: sa.Engine) -> None:
    try:
        with engine.connect():
            pass
    except sa.exc.OperationalError as error:
        reason = " ".join(str(error.orig).split())
        raise WarehouseProblem(f"the warehouse cannot be reached as {engine.url.username}: {reason}") from error


def why_it_ended(problem: sa.exc.OperationalError) -> str:
    """What the database says where it has too little of something or ends a connection; it quotes no row then."""
    said = problem.orig
    words = said.diag.message_primary or str(said) if isinstance(said, psycopg.Error) else "the connection was lost"
    is_full = isinstance(said, psycopg.errors.DiskFull)
    place = "nothing more can be written to the disk of the database" if is_full else "the database stopped"
    return f"{place}: {' '.join(words.split())}"


def is_locked_out(problem: BaseException) -> bool:
    """Whether the database gave up a statement because somebody else held what it needed for longer than the session
    waits (``lock_timeout``)."""
    return isinstance(problem, sa.exc.OperationalError) and isinstance(problem.orig, psycopg.errors.LockNotAvailable)


def lock_feed(connection: sa.Connection, feed: str) -> None:
    """Hold a feed for this transaction, so that two loads of it never run side by side."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(FEED_LOCK_SPACE, sa.func.hashtext(feed))))


def copy_rows(connection: sa.Connection, table: sa.Table, batches: Iterable[pa.Table]) -> int:
    """COPY Arrow tables of one form into the columns of ``table`` with the same names, in this transaction, each as it
    comes; the next is made ready while the last is sent. Null becomes null. Returns the number of rows that went in.

    A column of type uuid takes ``binary(16)``, bigint ``int64``, integer ``int32``, smallint ``int16``, double
    precision ``float64``, date ``date32``, timestamptz ``timestamp`` in microseconds of UTC, bytea ``binary``, text and
    jsonb ``string``, an array of one of them a ``list`` of it; anything else raises TypeError. Otherwise raises
    SQLAlchemy's errors, as all else here does, without what the database quotes of the rows.
    """
    coming = iter(batches)
    first = next(coming, None)
    if first is None:
        return 0
    preparer = connection.dialect.identifier_preparer
    names = ", ".join(preparer.quote(name) for name in first.column_names)
    statement = f"copy {preparer.format_table(table)} ({names}) from stdin (format binary)"
    blocks = _encoded(_encoder(table, first.schema), itertools.chain([first], coming))
    try:
        with ThreadPoolExecutor(max_workers=1) as writer, _driver(connection).cursor() as cursor:
            with cursor.copy(statement.encode()) as copy:
                ready = writer.submit(next, blocks, None)
                while (block := ready.result()) is not None:
                    ready = writer.submit(next, blocks, None)
                    copy.write(block)
            return cursor.rowcount
    except psycopg.Error as error:
        kind = sa.exc.OperationalError if isinstance(error, psycopg.OperationalError) else sa.exc.DBAPIError
        without_rows = type(error)(_what_happened(error))
        raise kind(f"copy {table.fullname}", None, without_rows, hide_parameters=True) from None


def _encoder(table: sa.Table, schema: pa.Schema) -> ArrowToPostgresBinaryEncoder:
    builders = {}
    for field in schema:
        kind = table.columns[field.name].type
        form = _wire_form(kind)
        if field.type != form:
            raise TypeError(f"{table.fullname}.{field.name} takes {form}, not {field.type}")
        builders[field.name] = (
            StringEncoderBuilder.new_with_output(field, Jsonb())
            if isinstance(kind, JSONB)
            else ArrowToPostgresBinaryEncoder.infer_encoder(field)
        )
    return ArrowToPostgresBinaryEncoder.new_with_encoders(schema, builders)


def _wire_form(kind: sa.types.TypeEngine[Any]) -> pa.DataType | None:
    if isinstance(kind, sa.ARRAY):
        item = _wire_form(kind.item_type)
        return None if item is None else pa.list_(item)
    return next((form for one, form in WIRE_FORMS if isinstance(kind, one)), None)


def _encoded(encoder: ArrowToPostgresBinaryEncoder, tables: Iterable[pa.Table]) -> Iterator[bytes]:
    yield encoder.write_header()
    for table in tables:
        for batch in table.to_batches():
            yield encoder.write_batch(batch)
    yield encoder.finish()


def _what_happened(error: psycopg.Error) -> str:
    """The database's message, but for complaints about data: those quote what they complain of."""
    if isinstance(error, psycopg.DataError):
        return type(error).__name__
    return error.diag.message_primary or "the connection was lost"


def _driver(connection: sa.Connection) -> psycopg.Connection[tuple[object, ...]]:
    return cast("psycopg.Connection[tuple[object, ...]]", connection.connection.driver_connection)


@contextmanager
def begin(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction: all of it, or nothing."""
    with engine.begin() as connection:
        yield connection

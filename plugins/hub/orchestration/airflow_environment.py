"""The settings under which the hub's Airflow runs, as environment variables, made from :class:`~hub.settings.Settings`.

This module does not import Airflow: whatever starts Airflow's components needs it first. Every value that differs from
Airflow's default is here with its reason.
"""

import base64
import json
import secrets
import shlex
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from hub.orchestration.loopback import HOST
from hub.orchestration.turns import MOST_MAPPED
from hub.orchestration.ui_users import UI_USERS
from hub.settings import MEBIBYTE, Settings
from hub.warehouse.engine import WarehouseProblem, role_address, server_address
from hub.warehouse.roles import Role
from hub.warehouse.secret_files import kept_secret, write_secret

METADATA_DATABASE = "airflow"
ASYNC_ADDRESS = "airflow-database-async.url"
ASYNC_DRIVER = "postgresql+asyncpg"
ASYNC_DRIVER_TAKES = frozenset(
    ("sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "ssl_min_protocol_version", "ssl_max_protocol_version")
)
TALKATIVE = (
    "alembic",
    "great_expectations",
    "sqlalchemy.engine",
    "httpx",
    "sqlglot",
    "fontTools",
    "loky",
    "matplotlib",
)
COMPONENTS: Mapping[str, tuple[str, ...]] = {
    "api-server": ("airflow", "api-server"),
    "scheduler": ("airflow", "scheduler", "--skip-serve-logs"),
    "dag-processor": ("airflow", "dag-processor"),
    "triggerer": ("airflow", "triggerer", "--skip-serve-logs"),
}
"""The processes that make up Airflow on one machine, and their commands. They share the log folder, so no log server is
started: it would listen on every interface."""


def ui_passwords_file(settings: Settings) -> Path:
    """The JSON file with the UI's passwords, ``{user: password}``."""
    return settings.secrets / "ui-passwords.json"


def ui_password(settings: Settings, user: str) -> str:
    """The password of a user of the UI. Raises KeyError for a user that there is not."""
    passwords: dict[str, str] = json.loads(ui_passwords_file(settings).read_text())
    return passwords[user]


def airflow_environment(settings: Settings, *, executor: str = "LocalExecutor", parallelism: int = 4) -> dict[str, str]:
    """Environment variables for every Airflow process of this hub, besides the caller's ``PATH`` and the like.

    No secret is among them: an environment is handed on to every child, and stays there to be read for as long as the
    process lives. They name the files under ``settings.secrets`` from which Airflow takes a secret when it needs one.

    Makes secrets that do not exist yet and the metadata database where it is missing (starts the embedded server).
    Raises :class:`~hub.warehouse.engine.WarehouseProblem` when the database cannot be reached or
    made. ``parallelism`` is the number of tasks that run at once.
    """
    return {
        **hub_environment(settings),
        **_secrets_in_files(settings, _metadata_database(settings)),
        "AIRFLOW_HOME": str(settings.home / "airflow"),
        # Airflow imports `airflow_local_settings` from here; it loads heavy libraries once, before tasks are forked.
        "PYTHONPATH": str(Path(__file__).parent / "process_start"),
        **_section(
            "core",
            executor=executor,
            parallelism=parallelism,
            max_map_length=MOST_MAPPED,
            mp_start_method="fork",  # tasks inherit the libraries loaded at process start
            dags_folder=settings.project / "dags",
            plugins_folder=settings.project / "plugins",
            load_examples=False,
            dags_are_paused_at_creation=False,
            dag_discovery_safe_mode=False,  # it looks for words in a file; dags/ holds DAG files only
            hostname_callable="hub.orchestration.loopback.hostname",
            execution_api_server_url=f"http://{HOST}:{settings.ui_port}/execution/",
            auth_manager="airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
            simple_auth_manager_users=",".join(f"{user}:{role}" for user, role in UI_USERS.items()),
            simple_auth_manager_passwords_file=_kept_passwords(settings),
        ),
        **_section(
            "api",
            host=HOST,
            port=settings.ui_port,
            base_url=f"http://{HOST}:{settings.ui_port}",
            workers=1,  # it counts wrong passwords in its memory
            expose_stacktrace=False,
            enable_swagger_ui=False,
        ),
        **_section(
            "logging",
            base_log_folder=settings.logs / "airflow",
            dag_processor_child_process_log_directory=settings.logs / "airflow" / "dag_processor",
            # What these tell at info level is about themselves, and buries the hub's own lines.
            namespace_levels=" ".join(f"{name}=warning" for name in TALKATIVE),
            colored_console_log=False,
            # Airflow sets them by itself, past the umask.
            file_task_handler_new_folder_permissions="0o700",
            file_task_handler_new_file_permissions="0o600",
            # The API server answers for the log servers: see hub.orchestration.task_logs.
            worker_log_server_port=settings.ui_port,
            trigger_log_server_port=settings.ui_port,
        ),
        **_section(
            "scheduler",
            # A chain of ten no-op tasks takes 4 to 7 s with this, 11 s with the default of one second.
            scheduler_idle_sleep_time=0.2,
            enable_health_check=False,
            # What a scheduler left behind that was killed is taken up again within half a minute, not five: until then
            # a publish that it had begun would keep the next one waiting.
            scheduler_health_check_threshold=15,
            orphaned_tasks_check_interval=10,
        ),
        # A task's supervisor that looks a moment too early misses the end of its process and then sleeps for one
        # heartbeat: a task of half a second then takes six with the default of five seconds.
        **_section("workers", min_heartbeat_interval=1),
        **_section(
            "dag_processor",
            parsing_processes=1,
            min_file_process_interval=60,
            refresh_interval=30,  # a new DAG file is seen within half a minute
        ),
        **_no_calls_home(),
    }


def metadata_address(settings: Settings) -> str:
    """The address of Airflow's own database, as it is used by Airflow."""
    return _address_file(settings).read_text()


def open_metadata(settings: Settings) -> sa.Engine | None:
    """Airflow's own database; None where no Airflow of this hub has been prepared."""
    if not _address_file(settings).exists():
        return None
    url = make_url(metadata_address(settings)).set(drivername="postgresql+psycopg")
    return sa.create_engine(url, poolclass=sa.pool.NullPool, connect_args={"options": "-c timezone=UTC"})


def hub_environment(settings: Settings) -> dict[str, str]:
    """The ``HUB_*`` variables from which :func:`hub.settings.read_settings` makes these settings again, but for the
    server's administrator: only who prepares the hub needs that one."""
    server = make_url(settings.warehouse_url).set(username=None, password=None) if settings.warehouse_url else None
    optional = {
        "HUB_WAREHOUSE_URL": server,
        "HUB_READ_URL": settings.read_url,
        "HUB_STORE_URL": settings.store_url,
        "HUB_STORE_OPTIONS_FILE": settings.store_options_file,
        "HUB_SECRETS": settings.secrets_folder,
        "HUB_OPEN_DATA": settings.open_data,
        "HUB_AUDIT_HEAD_COPY": settings.audit_head_copy,
        "HUB_BACKUP": settings.backup,
        "HUB_BACKUP_KEYS": settings.backup_keys,
        "HUB_METRICS_PORT": settings.metrics_port,
        "HUB_EXCHANGE_PORT": settings.exchange_port,
        "HUB_PICKUP": settings.pickup,
        "HUB_SPARK_MASTER": settings.spark_master,
    }
    return {
        "HUB_HOME": str(settings.home),
        "HUB_DROP": str(settings.drop),
        "HUB_SANDBOX": str(settings.sandbox),
        "HUB_PROJECT": str(settings.project),
        "HUB_PORT": str(settings.ui_port),
        "HUB_PG_PORT": str(settings.pg_port),
        "HUB_MAX_FILE_MB": str(settings.max_file_bytes // MEBIBYTE),
        "HUB_MAX_UNPACKED_MB": str(settings.max_unpacked_bytes // MEBIBYTE),
        "HUB_CHUNK_MB": str(settings.chunk_bytes // MEBIBYTE),
        "HUB_BACKUP_DAYS": str(settings.backup_days),
        **({"HUB_MASTER_KEY_FILE": str(settings.master_key_file)} if settings.master_key_file else {}),
        **({"HUB_MASTER_KEY_COMMAND": settings.master_key_command} if settings.master_key_command else {}),
        **{name: str(value) for name, value in optional.items() if value is not None},
    }


def _secrets_in_files(settings: Settings, metadata: URL) -> dict[str, str]:
    """Airflow's form for a secret that a command prints."""
    folder = settings.secrets
    if settings.secrets_folder is None:  # else a process reads those that it needs, from where others put them
        kept_secret(folder / "fernet.key", _fernet_key)
        kept_secret(folder / "api-secret.key", secrets.token_urlsafe)
        kept_secret(folder / "jwt.key", lambda: secrets.token_urlsafe(64))
    # The drivers that Airflow is tested with: with psycopg 3 its asset and dependency graphs answer 500.
    write_secret(_address_file(settings), _address_for(metadata, "postgresql+psycopg2"))
    async_address = settings.made_from_secrets / ASYNC_ADDRESS
    write_secret(async_address, _address_for(metadata, ASYNC_DRIVER))
    files = {
        "CORE__FERNET_KEY": folder / "fernet.key",
        "API__SECRET_KEY": folder / "api-secret.key",
        "API_AUTH__JWT_SECRET": folder / "jwt.key",
        "DATABASE__SQL_ALCHEMY_CONN": _address_file(settings),
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": async_address,
    }
    return {f"AIRFLOW__{option}_CMD": shlex.join(["cat", str(path)]) for option, path in files.items()}


def _address_file(settings: Settings) -> Path:
    return settings.made_from_secrets / "airflow-database.url"


def _section(section: str, **options: object) -> dict[str, str]:
    return {f"AIRFLOW__{section.upper()}__{name.upper()}": str(value) for name, value in options.items()}


def _no_calls_home() -> dict[str, str]:
    return {
        "GX_ANALYTICS_ENABLED": "false",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
        "SCARF_ANALYTICS": "false",
    }


def _metadata_database(settings: Settings) -> URL:
    """The database ``airflow`` on the warehouse's server, as the role that owns it; made where it is missing."""
    address = role_address(settings, Role.AIRFLOW).set(database=METADATA_DATABASE)
    if not _answers(address):
        _make_metadata_database(server_address(settings))
    return address


def _address_for(database: URL, driver: str) -> str:
    address = database.set(drivername=driver)
    if driver == ASYNC_DRIVER:
        # It takes what is asked for TLS only from an address in the form of libpq, and refuses all else after a ``?``.
        asked = {name: value for name, value in database.query.items() if name in ASYNC_DRIVER_TAKES}
        of_libpq = URL.create("postgresql", query=asked).render_as_string()
        address = address.set(query={"dsn": of_libpq} if asked else {})
    return address.render_as_string(hide_password=False)


def _answers(address: URL) -> bool:
    engine = sa.create_engine(address.set(drivername="postgresql+psycopg"), poolclass=sa.pool.NullPool)
    try:
        with engine.connect():
            return True
    except sa.exc.OperationalError:
        return False


def _make_metadata_database(administrator: URL) -> None:
    engine = sa.create_engine(
        administrator.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool
    )
    try:
        with engine.connect() as connection:
            query = sa.text("select count(*) from pg_database where datname = :name")
            if not connection.scalar(query, {"name": METADATA_DATABASE}):
                connection.execute(sa.text(f'create database "{METADATA_DATABASE}" owner {Role.AIRFLOW}'))
            connection.execute(sa.text(f'revoke all on database "{METADATA_DATABASE}" from public'))
    except sa.exc.DBAPIError as error:
        raise WarehouseProblem(
            f"Airflow's database {METADATA_DATABASE!r} on {administrator.host}:{administrator.port} cannot be reached "
            f"or made: {str(error.orig).strip()}; create it, owned by {Role.AIRFLOW}, and start again"
        ) from error


def _kept_passwords(settings: Settings) -> Path:
    """Passwords of the UI's users, made once. Airflow would make missing ones, but print them into its log."""
    path = ui_passwords_file(settings)
    if settings.secrets_folder is not None:
        return path
    kept = json.loads(kept_secret(path, lambda: json.dumps({user: secrets.token_urlsafe(12) for user in UI_USERS})))
    if kept.keys() != UI_USERS.keys():
        # A hub from before there was one of the users keeps the passwords of the others.
        write_secret(path, json.dumps({user: kept.get(user) or secrets.token_urlsafe(12) for user in UI_USERS}))
    return path


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()

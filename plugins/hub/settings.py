"""The one place that reads the environment.

Every other module takes what it needs from a :class:`Settings` value, so that copies of the hub with another home
and other ports run side by side, and tests need not touch the process environment.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

DEFAULT_UI_PORT = 8080
DEFAULT_PG_PORT = 5433
DEFAULT_DASHBOARDS_PORT = 8088
DEFAULT_BACKUP_DAYS = 14
MEBIBYTE = 1024 * 1024
STORES = ("s3", "gs", "az", "abfs", "abfss")
PASSED_ON = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
"""What a program that the hub starts takes over from its caller; nothing else leaks into it."""


class SettingsError(ValueError):
    """An environment variable holds something that the hub cannot use; the message names it."""


@dataclass(frozen=True)
class Settings:
    """Where the hub keeps its state and how it is reached.

    ``home`` holds everything that a hub writes (database, landing, drop, extracts, logs, secrets); ``project`` is the
    checkout that holds ``dags/``, ``dbt_project/`` and ``expectations/``. Files in ``sandbox`` are checked, not kept.
    Sizes are bytes. The master key is the hub's own, under ``secrets``, unless a file of it is named, or a command that
    prints it (a secrets backend's client).
    ``audit_head_copy`` is a file outside of ``home`` with a line for each head of the audit log that was found whole.
    ``backup`` is where backups go, and ``backup_keys`` where the keys go that decrypt them, on another disk; without
    ``backup`` none is made. A backup is kept for ``backup_days``.
    Metrics are served on ``metrics_port``, the exchange on ``exchange_port``; without them nothing listens.
    ``read_url`` is a streaming replica of the warehouse, without a login: who only reads is sent there.
    ``pickup`` holds the folders from which recipients take dispatches, outside of ``home``; by default beside it.
    ``store_url`` is the object store in which landed files, the archive and the outbox lie, for which a file can hold
    options; else they lie in ``home``. ``secrets_folder`` is where keys and passwords are that something else put there
    (a secrets backend), for reading alone; else they are in ``home``, where the hub makes them.
    ``spark_master`` is the Spark that reads large files of feeds that say so; else Spark runs on this machine alone.
    """

    home: Path
    drop: Path
    sandbox: Path
    project: Path
    ui_port: int
    pg_port: int
    warehouse_url: str | None
    open_data: Path | None
    max_file_bytes: int
    max_unpacked_bytes: int
    chunk_bytes: int
    master_key_file: Path | None = None
    master_key_command: str | None = None
    audit_head_copy: Path | None = None
    backup: Path | None = None
    backup_keys: Path | None = None
    backup_days: int = DEFAULT_BACKUP_DAYS
    metrics_port: int | None = None
    exchange_port: int | None = None
    pickup: Path | None = None
    dashboards_port: int = DEFAULT_DASHBOARDS_PORT
    read_url: str | None = None
    store_url: str | None = None
    store_options_file: Path | None = None
    secrets_folder: Path | None = None
    spark_master: str | None = None

    @property
    def landing(self) -> Path:
        """Landed files, where there is no other store for them; files that are being landed."""
        return self.home / "landing"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def secrets(self) -> Path:
        """Keys and passwords."""
        return self.secrets_folder or self.home / "secrets"

    @property
    def made_from_secrets(self) -> Path:
        """Passwords as other programs (Airflow, dbt) read them; written again when one has changed."""
        return self.home / "secrets"

    @property
    def extracts(self) -> Path:
        """Published views as files, by the role that may read them."""
        return self.home / "extracts"

    @property
    def outbox(self) -> Path:
        """Error files and letters for senders, where there is no other store for them."""
        return self.home / "outbox"

    @property
    def notifications(self) -> Path:
        """Who is told of what, and by which channel; the operator's own file, which need not exist."""
        return self.home / "notifications.yaml"

    @property
    def updates(self) -> Path:
        """What reporters are told, and from when on; the operator's own file. Without it nobody is told."""
        return self.home / "updates.yaml"

    @property
    def briefings(self) -> Path:
        """Weekly briefings, one folder a week."""
        return self.home / "briefings"

    @property
    def catalogue(self) -> Path:
        """What is in the warehouse, for people who look for something."""
        return self.home / "catalogue"

    @property
    def data_docs(self) -> Path:
        """Which rules each delivery kept and broke, a page each in a folder for each feed."""
        return self.home / "data_docs"

    @property
    def openlineage(self) -> Path:
        """Where lineage events go, as OpenLineage's own clients read it; the operator's file, which need not exist."""
        return self.home / "openlineage.yml"

    @property
    def spark_options(self) -> Path:
        """Spark's own settings, in its own form; the operator's file, which need not exist."""
        return self.home / "spark.conf"

    @property
    def lineage_sent(self) -> Path:
        """Which lineage events a receiver has taken."""
        return self.home / "openlineage.sent"

    @property
    def pickup_folder(self) -> Path:
        """Where recipients take dispatches from, in a folder each."""
        return self.pickup or self.home.with_name(f"{self.home.name}-pickup")

    @property
    def dashboards(self) -> Path:
        """All that Superset may see: its key, its accounts, its database, and the passwords of roles that look on."""
        return self.home / "dashboards"

    @property
    def expectations(self) -> Path:
        return self.project / "expectations"

    @property
    def dbt_project(self) -> Path:
        return self.project / "dbt_project"

    @property
    def recipients(self) -> Path:
        """The contracts of those who take dispatches."""
        return self.project / "recipients"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the ``HUB_*`` variables. Raises :class:`SettingsError` naming the variable that cannot be used."""
    env = os.environ if environment is None else environment
    project = Path(env.get("HUB_PROJECT") or Path(__file__).resolve().parents[2])
    home = _folder(env, "HUB_HOME", project / ".hub")
    open_data = env.get("HUB_OPEN_DATA")
    master_key_file = env.get("HUB_MASTER_KEY_FILE")
    return Settings(
        home=home,
        drop=_folder(env, "HUB_DROP", home / "drop"),
        sandbox=_folder(env, "HUB_SANDBOX", home / "sandbox"),
        project=project,
        ui_port=_port(env, "HUB_PORT", DEFAULT_UI_PORT),
        pg_port=_port(env, "HUB_PG_PORT", DEFAULT_PG_PORT),
        warehouse_url=_with_password(env, _postgres_address(env, "HUB_WAREHOUSE_URL"), "HUB_WAREHOUSE_PASSWORD_FILE"),
        open_data=Path(open_data) if open_data else None,
        max_file_bytes=_positive(env, "HUB_MAX_FILE_MB", 4096) * MEBIBYTE,
        max_unpacked_bytes=_positive(env, "HUB_MAX_UNPACKED_MB", 16384) * MEBIBYTE,
        chunk_bytes=_positive(env, "HUB_CHUNK_MB", 8) * MEBIBYTE,
        master_key_file=Path(master_key_file).absolute() if master_key_file else None,
        master_key_command=env.get("HUB_MASTER_KEY_COMMAND") or None,
        audit_head_copy=_file_outside(env, "HUB_AUDIT_HEAD_COPY", home),
        backup=_folder(env, "HUB_BACKUP", Path()) if env.get("HUB_BACKUP") else None,
        backup_keys=_folder(env, "HUB_BACKUP_KEYS", Path()) if env.get("HUB_BACKUP_KEYS") else None,
        backup_days=_positive(env, "HUB_BACKUP_DAYS", DEFAULT_BACKUP_DAYS),
        metrics_port=_port(env, "HUB_METRICS_PORT", 0) if env.get("HUB_METRICS_PORT") else None,
        exchange_port=_port(env, "HUB_EXCHANGE_PORT", 0) if env.get("HUB_EXCHANGE_PORT") else None,
        pickup=_file_outside(env, "HUB_PICKUP", home),
        dashboards_port=_port(env, "HUB_DASHBOARDS_PORT", DEFAULT_DASHBOARDS_PORT),
        read_url=_postgres_address(env, "HUB_READ_URL", has_login=False),
        store_url=_store_address(env, "HUB_STORE_URL", home),
        store_options_file=_file_outside(env, "HUB_STORE_OPTIONS_FILE", home),
        secrets_folder=_secrets_folder(env, home),
        spark_master=env.get("HUB_SPARK_MASTER") or None,
    )


def callers_environment() -> dict[str, str]:
    """The caller's own variables for a program that the hub starts; the hub's and Airflow's come on top of them."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}


def callers_airflow_settings() -> dict[str, str]:
    """The caller's own ``AIRFLOW__SECTION__OPTION`` variables: what a deployment sets otherwise than the hub does."""
    return {name: value for name, value in os.environ.items() if name.startswith("AIRFLOW__")}


def _folder(env: Mapping[str, str], name: str, default: Path) -> Path:
    """An absolute path that is a folder or can become one."""
    path = Path(env.get(name) or default).absolute()
    nearest = next(one for one in (path, *path.parents) if one.exists())
    if not nearest.is_dir():
        raise SettingsError(f"{name} cannot be {path}: {nearest} is not a folder")
    return path


def _secrets_folder(env: Mapping[str, str], home: Path) -> Path | None:
    """Of a server of its own the hub makes the secrets itself, and a backup holds them."""
    folder = _file_outside(env, "HUB_SECRETS", home)
    if folder is not None and not (env.get("HUB_WAREHOUSE_URL") and folder.is_dir()):
        raise SettingsError(f"HUB_SECRETS cannot be {folder}: it names a folder, and goes with HUB_WAREHOUSE_URL")
    return folder


def _file_outside(env: Mapping[str, str], name: str, home: Path) -> Path | None:
    if not env.get(name):
        return None
    path = Path(env[name]).absolute()
    if path.is_relative_to(home):
        raise SettingsError(f"{name} cannot be {path}: it is for a place outside of {home}")
    return path


def _postgres_address(env: Mapping[str, str], name: str, *, has_login: bool = True) -> str | None:
    """The address as it is given; the message never repeats it, since it can hold a password. Without ``has_login``
    roles log in there with the passwords that the hub has given them."""
    text = env.get(name)
    if not text:
        return None
    try:
        address = urlsplit(text)
        is_right = address.scheme.partition("+")[0] == "postgresql" and bool(address.hostname)
        _ = address.port
    except ValueError:
        is_right = False
    if not is_right:
        raise SettingsError(f"{name} is not the address of a PostgreSQL: postgresql://user:password@host:port/database")
    if not has_login and address.username is not None:
        raise SettingsError(f"{name} names no user: postgresql://host:port/database")
    return text


def _store_address(env: Mapping[str, str], name: str, home: Path) -> str | None:
    """The address of an object store, or of a folder that several machines share."""
    text = env.get(name)
    if not text:
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    is_folder = parts.scheme == "file" and not parts.netloc and parts.path.startswith("/")
    is_bucket = parts.scheme in STORES and bool(parts.netloc) and "@" not in parts.netloc
    if parts.query or parts.fragment or not (is_folder or is_bucket):
        raise SettingsError(f"{name} is not the address of a store: file:///folder, {'://…, '.join(STORES)}://…")
    if is_folder and Path(parts.path).is_relative_to(home):
        raise SettingsError(f"{name} cannot be {text}: it is for a place outside of {home}")
    return text.rstrip("/")


def _with_password(env: Mapping[str, str], address: str | None, name: str) -> str | None:
    """The address with the password of its user from a file: one in a variable is there for every child to read."""
    path = env.get(name)
    if not path:
        return address
    parts = urlsplit(address or "")
    if parts.username is None or parts.password is not None:
        raise SettingsError(f"{name} goes with a HUB_WAREHOUSE_URL that names a user and no password")
    try:
        password = quote(Path(path).read_text().strip(), safe="")
    except OSError as error:
        raise SettingsError(f"{name}: {path} cannot be read: {error.strerror}") from error
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{parts.username}:{password}@{host}").geturl()


def _positive(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise SettingsError(f"{name} must be a whole number above zero, not {text!r}")
    return int(text)


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    port = _positive(env, name, default)
    if port > 65535:
        raise SettingsError(f"{name} must be a port between 1 and 65535, not {port}")
    return port


@contextmanager
def environment_with(values: Mapping[str, str]) -> Iterator[None]:
    """Add variables for a library that reads nothing but the environment (dbt), and put back what was there before."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

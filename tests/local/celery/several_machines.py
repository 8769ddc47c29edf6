"""A hub on one machine and Celery workers on others, all on this one: in namespaces of their own, as operating.md says.

The hub's own processes are started as `docker-compose.yaml` starts them. Servers listen on the loopback address.
"""

import contextlib
import logging
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from conftest import free_port
from hub.local.airflow_api import AirflowApi
from hub.settings import Settings, read_settings
from hub.warehouse import embedded_postgres
from hub.warehouse.embedded_postgres import EmbeddedPostgres
from local.celery.far_machine import TESTS, Broker, FarMachine, end_all, wait_until, write_secret
from local.celery.machine import Description
from local.celery.relay import HOST, Cable, socket_of
from local.hub_command import HUB
from store.s3 import Bucket, Server

ANYWHERE = "anywhere"
NEAR = {
    "api-server": ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
    "worker": ("celery", "worker", "--skip-serve-logs", "--celery-hostname", "near", "--queues"),
}
LONGEST_START = 300.0


@dataclass
class SeveralMachines:
    """All of it. What the hub's own machine has lies in ``folder/near``."""

    folder: Path
    pg: EmbeddedPostgres
    broker: Broker
    server: Server
    bucket: Bucket
    hub: Settings
    sockets: Path
    near: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    far: list[FarMachine] = field(default_factory=list)

    @classmethod
    def started(cls, folder: Path) -> "SeveralMachines":
        """The servers and a prepared hub."""
        near = folder / "near"
        near.mkdir(parents=True)
        pg = embedded_postgres.embedded_postgres(
            read_settings({"HUB_HOME": str(near / "server"), "HUB_PG_PORT": str(free_port())})
        )
        embedded_postgres.ensure_running(pg)
        broker = Broker(near / "redis")
        broker.start()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        server = Server.started()
        hub = read_settings(
            {
                "HUB_HOME": str(near / "home"),
                "HUB_DROP": str(near / "drop"),
                "HUB_PORT": str(free_port()),
                "HUB_WAREHOUSE_URL": make_url(pg.url).render_as_string(hide_password=False),
            }
        )
        bucket = server.bucket()
        sockets = Path(tempfile.mkdtemp(prefix="hub-far-"))
        made = cls(folder, pg, broker, server, bucket, bucket.used_by(hub), sockets)
        write_secret(near / "broker.url", broker.address(0))
        write_secret(near / "results.url", broker.address(1))
        return made

    @property
    def server_url(self) -> str:
        """The warehouse's address without a login."""
        return make_url(self.pg.url).set(username=None, password=None).render_as_string()

    def near_environment(self, **other: str) -> dict[str, str]:
        near = self.folder / "near"
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(near),
            "HUB_HOME": str(self.hub.home),
            "HUB_DROP": str(self.hub.drop),
            "HUB_PORT": str(self.hub.ui_port),
            "HUB_WAREHOUSE_URL": self.server_url,
            "HUB_STORE_URL": self.bucket.url,
            "HUB_STORE_OPTIONS_FILE": str(self.hub.store_options_file),
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__CELERY__BROKER_URL_CMD": f"cat {near / 'broker.url'}",
            "AIRFLOW__CELERY__RESULT_BACKEND_CMD": f"cat {near / 'results.url'}",
            "AIRFLOW__CELERY__WORKER_CONCURRENCY": "4",
            # Tasks that wait for a machine to come back take none of the places of the others.
            "AIRFLOW__CORE__PARALLELISM": "12",
            # What is lost with a machine is noticed soon.
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
            "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
            "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "60",
            "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "10",
            **other,
        }

    def command(self, *arguments: str, **other: str) -> str:
        """Run ``hub ARGUMENTS`` on the hub's own machine, and insist on exit code 0."""
        environment = self.near_environment(**other)
        done = subprocess.run([HUB, *arguments], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def prepare(self) -> None:
        self.command("prepare", HUB_WAREHOUSE_URL=str(self.hub.warehouse_url))

    def start_near(self, name: str, *more: str) -> None:
        """One of the hub's own processes."""
        with (self.folder / "near" / f"{name}.log").open("ab") as log:
            self.near[name] = subprocess.Popen(
                [HUB, "airflow", *NEAR[name], *more],
                env=self.near_environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_hub(self, queues: str) -> None:
        """All of the hub's own processes; its worker takes these queues."""
        for name in NEAR:
            self.start_near(name, *((queues,) if name == "worker" else ()))
        airflow = AirflowApi(HOST, self.hub.ui_port)
        wait_until(lambda: not airflow.unhealthy(), LONGEST_START, "Airflow is healthy", 2)

    def stop_near(self, name: str) -> None:
        process = self.near.pop(name)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(60)
        end_all(process)

    def add_machine(self, name: str, others: tuple[str, ...]) -> FarMachine:
        """A machine that is not started yet; it is given what operating.md says, as files."""
        own = self.folder / name
        given = own / "given"
        given.mkdir(parents=True, mode=0o700)
        kept = given / "secrets"
        kept.mkdir(mode=0o700)
        shutil.copytree(self.hub.secrets / "roles", kept / "roles")
        for path in (*self.hub.secrets.glob("*.keys"), *self.hub.secrets.glob("*.key")):
            if path.name != "backup.keys":
                shutil.copy(path, kept)
        options = write_secret(given / "store.yaml", Path(str(self.hub.store_options_file)).read_text())
        broker = write_secret(given / "broker.url", self.broker.address(0))
        results = write_secret(given / "results.url", self.broker.address(1))
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(own / "home"),
            "HUB_HOME": str(own / "home"),
            "HUB_WAREHOUSE_URL": self.server_url,
            "HUB_STORE_URL": self.bucket.url,
            "HUB_STORE_OPTIONS_FILE": str(options),
            "HUB_SECRETS": str(kept),
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://{HOST}:{self.hub.ui_port}/execution/",
            "AIRFLOW__CELERY__BROKER_URL_CMD": f"cat {broker}",
            "AIRFLOW__CELERY__RESULT_BACKEND_CMD": f"cat {results}",
            "AIRFLOW__CORE__HOSTNAME_CALLABLE": "socket.gethostname",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": "8793",
            "AIRFLOW__CELERY__WORKER_CONCURRENCY": "2",
        }
        _, _, store = self.server.proxy.address.rpartition(":")
        ports = (self.pg.port, self.broker.port, int(store), self.hub.ui_port)
        sockets = self.sockets / name
        sockets.mkdir()
        cable = Cable(sockets, ports)
        cable.start()
        description = Description(
            name=name,
            sockets=str(sockets),
            ports=ports,
            hidden=tuple(str(self.folder / one) for one in ("near", *others)),
            read_only=(str(given), str(TESTS.parent)),
            command=(HUB, "airflow", "celery", "worker", "--queues", ANYWHERE),
            environment=environment,
            log=str(self.folder / f"{name}.log"),
        )
        assert all(len(str(socket_of(sockets, port))) < 100 for port in ports)
        self.far.append(FarMachine(name, own, cable, description))
        return self.far[-1]

    def warehouse(self) -> sa.Engine:
        return self._engine(str(make_url(self.pg.url).database))

    def airflows(self) -> sa.Engine:
        """Airflow's own database."""
        return self._engine("airflow")

    def _engine(self, database: str) -> sa.Engine:
        url = make_url(self.pg.url).set(drivername="postgresql+psycopg", database=database)
        return sa.create_engine(url, poolclass=sa.NullPool)

    def settings_without_airflow(self, home: Path) -> Settings:
        """Another hub with the same keys, in a home and a server of its own."""
        other = read_settings({"HUB_HOME": str(home), "HUB_PG_PORT": str(free_port())})
        other.secrets.mkdir(parents=True, mode=0o700)
        for key in self.hub.secrets.glob("*.keys"):
            shutil.copy(key, other.secrets)
        return replace(other)

    def stop(self) -> None:
        for machine in self.far:
            machine.kill()
            machine.cable.stop()
        for process in self.near.values():
            end_all(process)
        self.broker.stop()
        self.server.stop()
        embedded_postgres.stop(self.pg)
        shutil.rmtree(self.sockets)

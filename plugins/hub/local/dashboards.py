"""The dashboards: Superset beside a hub that runs, in an environment of its own (``dashboards/`` of the checkout)."""

import secrets
from collections.abc import Iterator

import httpx
from rich.console import Console
from sqlalchemy.engine import URL
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from hub.local.components import Component, Layer, log_file
from hub.local.logged_runs import run_logged, tail
from hub.local.outcome import Outcome, RunProblem
from hub.local.preflight import HOST, check_port
from hub.local.progress import Steps
from hub.local.run_folder import DASHBOARDS, RunFolder, make_run_folder, run_folder
from hub.local.stop import alone, stop_components
from hub.local.supervision import SupervisorProblem, component_states, start_supervisor, supervisor_answers
from hub.publish.manifests import current_publish
from hub.settings import Settings, callers_environment
from hub.warehouse.engine import open_warehouse, require_running, role_address
from hub.warehouse.replica import reading_address
from hub.warehouse.roles import ROLE_FAMILIES, Role, family_roles
from hub.warehouse.secret_files import kept_secret, write_secret

ADMINISTRATOR = "admin"
FORCES = ROLE_FAMILIES[0]
HEALTHY_SECONDS = 180
POLL_SECONDS = 0.5


def start_dashboards(settings: Settings, console: Console) -> None:
    """Bring Superset to the files of ``dashboards/assets``, start it where it does not run, and say how to log in.

    Raises :class:`WarehouseProblem` where the hub does not run, and :class:`RunProblem` where Superset cannot start.
    """
    require_running(settings)
    programs = settings.project / "dashboards" / ".venv" / "bin"
    if not (programs / "superset").exists():
        raise RunProblem(Outcome.NO_DASHBOARDS, f"Superset is not in {programs}; make dashboards sets it up")
    folder = run_folder(settings, DASHBOARDS)
    make_run_folder(folder)
    steps = Steps(console)
    with alone(folder):
        runs_already = supervisor_answers(folder)
        if not runs_already:
            check_port(settings.dashboards_port, "HUB_DASHBOARDS_PORT", "the dashboards")
        give_secrets(settings)
        environment = superset_environment(settings)
        with steps.step("Bring Superset to the files of the dashboards (a minute where it is new)"):
            run_logged(
                settings,
                "dashboards-prepare",
                [str(programs / "python"), str(settings.project / "dashboards" / "prepare.py")],
                environment,
                failed=Outcome.NO_DASHBOARDS,
                problem="Superset could not take the dashboards",
                folder=folder.path,
            )
        if not runs_already:
            with steps.step("Start Superset"):
                _start(settings, folder, environment)
    with open_warehouse(settings, Role.PUBLISHER).connect() as connection:
        is_published = current_publish(connection) is not None
    for line in _how_to_log_in(settings, is_published=is_published):
        console.print(line, highlight=False, soft_wrap=True, markup=False)


def readers(settings: Settings) -> list[str]:
    """The roles as which somebody may look at dashboards; each has an account of the same name."""
    return [Role.ANALYST, Role.BI, *family_roles(settings, FORCES)]


def give_secrets(settings: Settings) -> None:
    """Put into Superset's folder what it needs: a key and passwords of its own, and those of the roles that look on.
    It is given no other secret."""
    folder = settings.dashboards
    kept_secret(folder / "secret-key", lambda: secrets.token_urlsafe(48))
    for account in (ADMINISTRATOR, *readers(settings)):
        kept_secret(folder / "accounts" / account, lambda: secrets.token_urlsafe(24))
    for role in readers(settings):
        write_secret(folder / "roles" / role, str(role_address(settings, role).password))


def superset_environment(settings: Settings) -> dict[str, str]:
    """The whole environment of Superset; no secret is in it."""
    server = reading_address(settings, Role.BI)
    without_password = URL.create("postgresql", None, None, server.host, server.port, server.database, server.query)
    return callers_environment() | {
        "HUB_DASHBOARDS_HOME": str(settings.dashboards),
        "HUB_WAREHOUSE_URL": without_password.render_as_string(),
        "SUPERSET_CONFIG_PATH": str(settings.project / "dashboards" / "superset_config.py"),
        "SUPERSET_HOME": str(settings.dashboards),
        "HOME": str(settings.dashboards),
        "PYTHONUNBUFFERED": "1",
    }


def server(settings: Settings) -> Component:
    """Superset's server: one process, so that one alone writes its database, with threads for charts."""
    gunicorn = str(settings.project / "dashboards" / ".venv" / "bin" / "gunicorn")
    options = ("--bind", f"{HOST}:{settings.dashboards_port}", "--threads", "8", "--timeout", "120")
    command = (gunicorn, *options, "--no-control-socket", "superset.app:create_app()")
    return Component("dashboards", command, Layer.SERVICES)


def address(settings: Settings) -> str:
    """Where the dashboards are."""
    return f"http://{HOST}:{settings.dashboards_port}"


def _start(settings: Settings, folder: RunFolder, environment: dict[str, str]) -> None:
    component = server(settings)
    log = log_file(settings, component.name)
    looks = Retrying(
        retry=retry_if_result(lambda answers: not answers),
        stop=stop_after_delay(HEALTHY_SECONDS),
        wait=wait_fixed(POLL_SECONDS),
    )
    try:
        start_supervisor(settings, folder, (component,), environment)
        looks(_answers, settings, folder)
    except (SupervisorProblem, RetryError) as problem:
        stop_components(folder, lambda _: None)
        raise RunProblem(
            Outcome.COMPONENT_DIED, f"Superset does not answer ({problem}); the end of {log}:\n{tail(log)}"
        ) from problem


def _answers(settings: Settings, folder: RunFolder) -> bool:
    if any(state.has_died for state in component_states(folder)):
        raise SupervisorProblem("it died")
    try:
        return httpx.get(f"{address(settings)}/health", timeout=POLL_SECONDS * 10).is_success
    except httpx.TransportError:
        return False


def _how_to_log_in(settings: Settings, *, is_published: bool) -> Iterator[str]:
    if not is_published:
        yield "Nothing is published yet: until the first publish is out (hub status), each chart shows an error."
    yield f"Dashboards: {address(settings)}"
    yield f"Users:      {', '.join((ADMINISTRATOR, Role.ANALYST, Role.BI, FORCES.role('<code>')))}"
    yield f"Passwords:  {settings.dashboards / 'accounts'}/<user>"

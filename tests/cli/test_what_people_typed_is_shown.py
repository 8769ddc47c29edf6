"""What people typed, and what files quote, is shown as it is: it is no markup."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from rich.console import Console
from typer.testing import CliRunner

from hub.cli import look
from hub.cli.main import app
from hub.cli.quarantine import _masked
from hub.cli.status import _alert_table
from hub.local.progress import Steps
from hub.monitoring.watch import Alert, Cause
from hub.settings import Settings
from hub.warehouse.replica import reading_address

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize("detail", [r"the pattern '^\[A-Z]+[/x]$' fits nothing", r"\[/b]", r"ends in \[red]"])
def test_a_detail_that_quotes_a_pattern_is_shown_whole(detail: str) -> None:
    console = Console(file=io.StringIO(), width=400)
    console.print(_alert_table([Alert(1, Cause("k", "refused_contract", "desk", detail), NOW)], NOW))
    assert isinstance(console.file, io.StringIO)
    assert detail in console.file.getvalue()


@pytest.mark.parametrize("by", ["Ada [desk]", "Ada [/desk]"])
def test_who_opened_an_issue_is_shown_as_typed(by: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", settings.warehouse_url or "")
    opened = ["issues", "open", "true_vision_reports", "--effect", "x", "--from", "2026-01-01", "--by", by]
    assert CliRunner().invoke(app, opened).exit_code == 0
    shown = CliRunner().invoke(app, ["issues", "list"])
    assert shown.exit_code == 0
    assert by in " ".join(shown.output.split())


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_note_of_a_step_may_hold_the_end_of_any_log(is_terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.local.progress.QUIET_SECONDS", 0)
    steps = Steps(Console(file=io.StringIO(), force_terminal=is_terminal))
    with steps.step("Load") as note:
        note("re.error: bad character range at [/:]")


@pytest.mark.parametrize("name", ["\u092a\u094d\u0930\u093f\u092f\u093e", "\u0e1b\u0e23\u0e35\u0e0a\u0e32"])
def test_nothing_of_a_name_is_left_where_its_letters_have_marks(name: str) -> None:
    masked = _masked("name.length", json.dumps({"name": name}))
    assert masked == {"name": "\u2022" * len(name)}


@pytest.mark.parametrize(
    "arguments",
    [
        ["issues", "open", "true_vision_reports", "--effect", "x", "--from", "2026-01-01"],
        ["dispatch", "approve", "00000000-0000-0000-0000-000000000001"],
        ["quarantine", "reject", "00000000-0000-0000-0000-000000000001"],
        ["tasking", "approve", "00000000-0000-0000-0000-000000000001", "1"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_who_decides_is_named_where_the_account_has_no_name(
    arguments: list[str], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a container that runs as a number of its own."""

    def nobody() -> str:
        raise OSError("No username set in the environment")

    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", settings.warehouse_url or "")
    monkeypatch.setattr("getpass.getuser", nobody)
    done = CliRunner().invoke(app, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_psql_asks_the_server_to_prove_itself_as_the_address_says(
    own_psql: Callable[[], tuple[list[str], dict[str, str]]],
) -> None:
    command, environment = own_psql()
    assert "verify-full" in " ".join([*command, *environment.values()])


@pytest.fixture
def own_psql(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[[], tuple[list[str], dict[str, str]]]:
    """How psql would be called for a server whose address asks for a proof of who it is."""
    monkeypatch.setenv("HUB_HOME", str(settings.home))
    monkeypatch.setenv("HUB_WAREHOUSE_URL", settings.warehouse_url or "")
    address = reading_address(settings, "hub_analyst").update_query_dict({"sslmode": "verify-full"})
    monkeypatch.setattr(look, "reading_address", lambda *_: address)
    called: list[tuple[list[str], dict[str, str]]] = []

    class Done:
        returncode = 0

    def run(command: list[str], env: dict[str, str], **_: object) -> Done:
        called.append((command, env))
        return Done()

    monkeypatch.setattr("hub.cli.look.subprocess.run", run)

    def call() -> tuple[list[str], dict[str, str]]:
        CliRunner().invoke(app, ["psql"])
        return called[0]

    return call

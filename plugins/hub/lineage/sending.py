"""Events that were not sent yet → the receiver that ``openlineage.yml`` in the hub's home names.

The ledger is the outbox: nothing that runs waits for a receiver. What is noted as sent was taken; what a kill keeps
from being noted is sent again, under the same id. The file is the configuration of OpenLineage's own clients::

    transport:
      type: http
      url: https://lineage.example
      auth: {type: api_key, apiKey: …}
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import yaml
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import JobEvent, RunEvent

from hub.build import builds, code_hash, kept_manifest
from hub.lineage.events import Events
from hub.lineage.ledger_runs import ledger_runs
from hub.lineage.relations import Relations, read_relations
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse, role_address
from hub.warehouse.roles import Role

OPTIONS = frozenset({"transport"})
"""Others of OpenLineage's own add to each event, variables of the environment for one."""


class LineageRefused(ValueError):
    """``openlineage.yml`` cannot be used; the message says why and holds no secret."""


def send_lineage(settings: Settings) -> int | None:
    """Send the events that were not sent yet, in the order of the runs; the models' own come last. Returns how many it
    sent; None where there is no ``openlineage.yml``. Raises :class:`LineageRefused`, and what the transport raises."""
    if not settings.openlineage.is_file():
        return None
    client, count = _client(settings), 0
    settings.lineage_sent.touch()
    known = frozenset(settings.lineage_sent.read_text().splitlines())
    with settings.lineage_sent.open("a") as sent:
        for mark, event in _events(settings):
            if mark not in known:
                client.emit(event)
                print(mark, file=sent, flush=True)
                count += 1
    client.close()
    return count


def _client(settings: Settings) -> OpenLineageClient:
    try:
        read = yaml.safe_load(settings.openlineage.read_text())
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        raise LineageRefused(f"{settings.openlineage} cannot be read as YAML") from None
    if not isinstance(read, dict) or read.keys() != OPTIONS or not isinstance(read["transport"], dict):
        raise LineageRefused(f"{settings.openlineage}: it has a transport, and nothing else")
    if "type" not in read["transport"]:
        raise LineageRefused(f"{settings.openlineage}: the transport needs a type")
    return OpenLineageClient(config={**read, "facets": {"environment_variables": []}})


def _events(settings: Settings) -> Iterator[tuple[str, RunEvent | JobEvent]]:
    """Every event, with the mark by which it is known again."""
    engine, code = open_warehouse(settings, Role.AUDITOR), code_hash(settings.dbt_project)
    manifest = kept_manifest(settings) if builds.built_code(engine) == code else None
    events = Events(role_address(settings, Role.AUDITOR), read_relations(manifest) if manifest else Relations())
    with engine.connect() as connection:
        runs = ledger_runs(connection)
    for run in runs:
        for event in events.of_run(run):
            yield f"{event.run.runId} {event.eventType}", event
    for described in events.of_relations(datetime.now(UTC)):
        yield f"{code} {described.job.name}", described

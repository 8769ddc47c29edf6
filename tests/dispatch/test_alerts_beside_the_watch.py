"""A watch that runs while dispatches are prepared ends no alert that the preparing has just opened."""

from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from dispatch.conftest import Hub
from hub.dispatch.preparing import Prepared
from hub.monitoring.watch import open_alerts
from hub.orchestration import watching


def test_a_watch_that_began_before_an_urgent_dispatch_was_prepared_does_not_end_its_alert(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.offer(is_threat_to_life=True)

    def kinds() -> set[str]:
        with hub.engine.connect() as connection:
            return {alert.cause.kind for alert in open_alerts(connection)}

    with ThreadPoolExecutor() as pool:
        preparing = list[Future[Prepared]]()

        def prepares_meanwhile(_: object) -> tuple[()]:
            preparing.append(pool.submit(hub.prepare))
            wait(preparing, timeout=2)
            return ()

        monkeypatch.setattr(watching, "airflow_causes", lambda *_: ())
        monkeypatch.setattr(watching, "update_causes", prepares_meanwhile)
        watching.watch(hub.settings)
        preparing[0].result()
    assert "urgent_dispatch" in kinds()

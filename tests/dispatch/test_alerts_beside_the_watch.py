"""A watch that runs while dispatches are prepared ends no alert that the preparing has just opened."""

import pytest

from dispatch.conftest import Hub
from hub.monitoring.watch import open_alerts
from hub.orchestration import watching


def test_a_watch_that_began_before_an_urgent_dispatch_was_prepared_does_not_end_its_alert(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.offer(is_threat_to_life=True)

    def kinds() -> set[str]:
        with hub.engine.connect() as connection:
            return {alert.cause.kind for alert in open_alerts(connection)}

    def prepares_meanwhile(_: object) -> tuple[()]:
        hub.prepare()
        assert "urgent_dispatch" in kinds()
        return ()

    monkeypatch.setattr(watching, "airflow_causes", lambda *_: ())
    monkeypatch.setattr(watching, "update_causes", prepares_meanwhile)
    watching.watch(hub.settings)
    assert "urgent_dispatch" in kinds()

"""The assets that put the DAGs in order: files dropped → raw tables → marts → what is published."""

from pathlib import Path

from airflow.sdk import Asset, AssetWatcher

from hub.orchestration.drop_trigger import DropTrigger
from hub.orchestration.outbox_trigger import POLL_SECONDS, OutboxTrigger

MARTS = "marts."


def drop_asset(feed: str, drop: Path) -> Asset:
    """``drop/<feed>``: has an event when files are ready there."""
    name = f"drop.{feed}"
    return Asset(
        name=name,
        uri=f"hub://drop/{feed}",
        group="drop",
        watchers=[AssetWatcher(name=name, trigger=DropTrigger(folder=str(drop / feed)))],
    )


def raw_asset(feed: str) -> Asset:
    """``raw.<feed>``: has an event when rows were accepted into it."""
    return Asset(name=f"raw.{feed}", uri=f"hub://raw/{feed}", group="raw")


def raw_assets(expectations: Path) -> list[Asset]:
    """One asset a feed, by name. A feed whose contract is refused has one too; nothing adds an event to it."""
    return [raw_asset(folder.name) for folder in sorted(expectations.iterdir()) if folder.is_dir()]


def mart_assets(dbt_project: Path) -> list[Asset]:
    """One asset a mart of the dbt project, by name."""
    marts = sorted(path.stem for path in (dbt_project / "models" / "marts").rglob("*.sql"))
    return [Asset(name=f"{MARTS}{mart}", uri=f"hub://marts/{mart}", group="marts") for mart in marts]


PUBLISHED = Asset(name="publish.intelligence", uri="hub://publish/intelligence", group="publish")
"""Has an event a switch of the published views."""

OUTBOX = Asset(
    name="notifications.due",
    uri="hub://notifications/due",
    group="notifications",
    watchers=[AssetWatcher(name="notifications.due", trigger=OutboxTrigger(every_seconds=POLL_SECONDS))],
)
"""Has an event when somebody is to be notified."""

FORECAST = Asset(name="forecast.hotspots", uri="hub://forecast/hotspots", group="forecast")
"""Has an event a forecast, and one a decision about what it proposes: both are published."""

"""What a person is asked about a publish that readers are to see again, and carrying out the answer.

Plain functions, imported inside tasks only. Nothing here shows a value of a row.
"""

from typing import Any

from hub.orchestration.answers import NothingToDecide
from hub.publish import PublishRefused, manifests, switch_back
from hub.publish.published import standing_builds
from hub.settings import Settings
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role


def describe(settings: Settings, publish_id: int, because: str) -> tuple[dict[str, Any], str]:
    """What readers would see, instead of what, and why: as the arguments of :func:`carry_out`, and as Markdown. Raises
    :class:`NothingToDecide` where that publish is not kept, or readers see it already."""
    with open_warehouse(settings, Role.PUBLISHER).connect() as connection:
        current, kept = manifests.current_publish(connection), standing_builds(connection)
        if current is None:
            raise NothingToDecide("nothing is published yet")
        if publish_id == current.publish_id:
            raise NothingToDecide(f"readers see publish {publish_id} already")
        if publish_id not in kept:
            raise NothingToDecide(f"there is no publish {publish_id} any more; kept are {', '.join(map(str, kept))}")
        wanted = manifests.manifest(connection, publish_id)
    text = (
        f"Readers are to see **publish {publish_id}** ({wanted.published_at:%Y-%m-%d %H:%M} UTC) instead of publish "
        f"{current.publish_id} ({current.published_at:%Y-%m-%d %H:%M} UTC), because: {because}"
    )
    return {"publish_id": publish_id, "instead_of": current.publish_id, "because": because}, text


def carry_out(settings: Settings, publish_id: int, *, instead_of: int, because: str, decided_by: str) -> dict[str, Any]:
    """Switch readers to it; where they see it already nothing is done. Raises :class:`NothingToDecide` where they see
    another publish meanwhile than the one that was asked about, and PublishRefused where a check fails."""
    publisher = open_warehouse(settings, Role.PUBLISHER)
    with publisher.connect() as connection:
        current = manifests.current_publish(connection)
    seen = current.publish_id if current is not None else None
    if seen == publish_id:
        return {"publish_id": publish_id, "is_new": False}
    if seen != instead_of:
        raise NothingToDecide(f"readers see publish {seen} meanwhile, which was not asked about; ask again")
    try:
        switch_back(settings, publisher, publish_id, decided_by=decided_by, because=because)
    except PublishRefused as refusal:
        raise NothingToDecide(str(refusal)) from refusal
    return {"publish_id": publish_id, "is_new": True}

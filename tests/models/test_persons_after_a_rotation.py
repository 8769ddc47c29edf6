"""While a key of record hashes has moved and no build has followed, a package still names only whom it may."""

from hub.privacy.rotate_keys import rotate_key
from hub.vault.hub_keys import Purpose
from models.persons_hub import Hub
from models.persons_world import World
from models.test_persons_in_packages import assert_all_name_whom_they_may, everybody, let_things_happen


def test_after_the_key_of_records_has_moved_packages_name_whom_the_files_let_them_name(
    persons_hub: tuple[Hub, World],
) -> None:
    hub, world = persons_hub
    hub.recipients()
    hub.histories = world.histories
    hub.prepare()
    waiting = hub.dispatches()
    let_things_happen(hub, world)
    rotate_key(hub.settings, hub.owner, hub.catalogue, Purpose.RECORD)
    assert_all_name_whom_they_may(hub, waiting, everybody(world))

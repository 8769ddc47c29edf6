"""Who looks for a person while a feed is loaded for the first time disturbs nobody, and is not disturbed."""

import threading
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from hub.privacy.find_person import find_persons
from hub.settings import Settings
from hub.vault.keys import feed_keys
from hub.warehouse.engine import lock_feed
from privacy.letters import CATALOGUE, LETTERS


def test_a_first_load_and_a_look_for_a_person_do_not_stop_each_other(hub: Settings, engine: sa.Engine) -> None:
    begun = threading.Event()

    def look() -> object:
        begun.set()
        return find_persons(hub, engine, CATALOGUE, {"email": "ada@example.org"})

    with ThreadPoolExecutor(1) as others:
        with engine.begin() as load:
            lock_feed(load, LETTERS.feed)
            feed_keys(load, hub, LETTERS.feed)
            looked = others.submit(look)
            begun.wait(10)
            with engine.connect() as connection:
                waits = sa.text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")
                for _ in range(100):
                    if connection.scalar(waits) or looked.done():
                        break
                    connection.rollback()
                    threading.Event().wait(0.05)
        assert looked.result(30) == []

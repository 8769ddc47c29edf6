"""What was received, decided and erased is there again after the machine is lost."""

from pathlib import Path

from ingest.deliveries import ledger_rows, take_in
from privacy.letters import ADA, BO, CALLS, LETTERS, as_csv, as_json_lines, as_kept, erase, landed_texts, store, told, token_of
from recovery.hubs import a_moment, own_hub


def test_a_lost_hub_comes_back_as_it_was_last_and_as_it_was_at_a_moment(tmp_path: Path) -> None:
    with own_hub(tmp_path) as hub:
        take_in(hub.settings, hub.engine, LETTERS, as_csv({"ref": "A", **ADA}))
        hub.backup()
        moment = a_moment()
        take_in(hub.settings, hub.engine, CALLS, as_json_lines({"ref": "B", **BO}), "calls.jsonl")
        hub.keep_up()
        before, deliveries = told(hub.settings, hub.engine, CALLS), ledger_rows(hub.engine)
        last, restored = hub.is_lost_and_comes_back()
        assert restored.problems == []
        assert ledger_rows(last.engine) == deliveries
        assert told(last.settings, last.engine, CALLS) == before == {"B": as_kept(BO)}
        assert len(landed_texts(last.settings)) == 2
        last.stop()
        last.settings.home.rename(tmp_path / "gone")
        earlier, restored = hub.is_lost_and_comes_back(moment)
        assert told(earlier.settings, earlier.engine, LETTERS) == {"A": as_kept(ADA)}
        assert told(earlier.settings, earlier.engine, CALLS) == {}
        assert restored.count_unknown == 1

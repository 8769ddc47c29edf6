"""A file of the hub that grows while an erasure masks it loses nothing."""

import pytest

from hub.privacy.hub_files import mask_files
from hub.privacy.identity import Identity
from hub.privacy.plain_text import TextSearch
from hub.settings import Settings


def test_a_line_that_is_written_to_a_log_while_it_is_masked_stays(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.logs.mkdir(parents=True, exist_ok=True)
    log = settings.logs / "a.log"
    log.write_text("ada@example.org\n")
    mask = TextSearch.mask

    def slowly(one: TextSearch, data: bytes, most_bytes: int) -> tuple[int, bytes]:
        done = mask(one, data, most_bytes)
        if b"ada@" in data:
            with log.open("a") as writer:
                writer.write("report taken in\n")
        return done

    monkeypatch.setattr(TextSearch, "mask", slowly)
    mask_files(settings, TextSearch.of(Identity.of([{"email": "ada@example.org"}])))
    assert "report taken in" in log.read_text()

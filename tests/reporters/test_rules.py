"""``updates.yaml`` is refused by name where it cannot be used."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hub.reporters.rules import RulesRefused, read_rules


def test_a_day_that_does_not_exist_is_refused_as_any_other_mistake(tmp_path: Path) -> None:
    updates = tmp_path / "updates.yaml"
    updates.write_text("since: 2026-02-30\nhelp: somebody\nsimulated: true\n")
    settings: Any = SimpleNamespace(updates=updates, secrets=tmp_path)
    with pytest.raises(RulesRefused):
        read_rules(settings)

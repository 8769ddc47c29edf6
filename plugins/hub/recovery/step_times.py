"""How long the steps of a restore or a drill take."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class StepTimes:
    """How long each step took, in seconds."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure one."""
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 1)

"""x"""
from dataclasses import dataclass
from collections.abc import Mapping
from typing import Any
@dataclass(frozen=True)
class Found:
    incidents: Mapping[Any,Any]; victims: Mapping[Any,Any]; reporters: Mapping[Any,Any]; forces: Mapping[Any,Any]; with_runner_up: Any; text_pairs: Any; suggestions: Any; person_suggestions: Any
    def person(self,row,role): return (self.victims if role=="victim" else self.reporters).get(row)

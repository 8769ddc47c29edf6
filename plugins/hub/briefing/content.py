"""The briefing, before it is a page or a PDF."""

from dataclasses import dataclass
from datetime import date

from hub.documents.content import Document


@dataclass(frozen=True)
class Briefing(Document):
    """``week`` is the Monday of the week that the forecasts are about, where there are any."""

    week: date

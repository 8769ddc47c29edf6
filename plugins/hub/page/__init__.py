"""The hub's page: what came, what became of it, what waits for a person and what is published, to look at in a browser.

It only reads, as ``hub_auditor``: the ledger, the quarantine without its texts, and forecasts, never the vault. What
serves it says who may look (:class:`Reader`) and starts runs of Airflow as that person; decisions are made where two
people make them, and the page leads there.
"""

from hub.page.app import make_page
from hub.page.readers import NotStarted, Reader

__all__ = ["NotStarted", "Reader", "make_page"]

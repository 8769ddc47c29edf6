"""Whether a certificate names what is left: as left, not searched or not reached."""

from hub.privacy.certificate import Certificate
from proofs.erasure_search.compare import IN_ANOTHERS_ROW, IN_ANOTHERS_TEXT, Left

CONTACTS = ("email", "telephone", "handle")
STORES = {
    "vault": ("vault",),
    "quarantine": ("quarantine",),
    "landed": ("landing",),
    "table": ("all tables of the database, searched again",),
    "file": ("extracts, logs and other files", "all files of the hub, searched again"),
}
"""What the certificate calls the stores of the search."""
NOT_REACHED = {
    "write-ahead log": "write-ahead log",
    "Airflow": "Airflow's own database",
    "drop": "files that wait in the drop folder",
}
"""Words by which the certificate says that it does not reach a store."""


def is_named(certificate: Certificate, left: Left) -> bool:
    """Whether a reader of the certificate learns that the person is, or may be, in this place."""
    for store in certificate.stores:
        if store.store in STORES.get(left.store, ()) and (
            store.left or any(one in left.place for one in store.not_searched)
        ):
            return True
    return any(words in said for said in certificate.not_reached for words in _words_for(left))


def _words_for(left: Left) -> list[str]:
    words = [NOT_REACHED[left.store]] if left.store in NOT_REACHED else []
    if left.about == IN_ANOTHERS_TEXT:
        words.append("what other people wrote about the person")
    if left.about == IN_ANOTHERS_ROW and left.kind in CONTACTS:
        words.append("rows of other persons who have the same")
    return words

"""Whether a certificate names what is left: as left, not searched or not reached."""

from collections import defaultdict
from collections.abc import Collection

from hub.privacy.certificate import Certificate
from proofs.erasure_search.compare import IN_ANOTHERS_ROW, IN_ANOTHERS_TEXT, Left

CONTACTS = ("email", "telephone", "handle")
STORES = {
    "vault": ("vault",),
    "quarantine": ("quarantine",),
    "landed": ("landing",),
    "Airflow": ("Airflow's own database",),
    "table": ("all tables of the database, searched again",),
    "file": ("extracts, logs and other files", "all files of the hub, searched again"),
}
"""What the certificate calls the stores of the search."""
OTHERS_TEXTS = "what others wrote"
"""What the certificate calls the texts that wait until somebody has them masked."""
NOT_REACHED = {
    "write-ahead log": "write-ahead log",
    "drop": "files that wait in the drop folder",
}
"""Words by which the certificate says that it does not reach a store."""


def not_named(certificate: Certificate, left: Collection[Left]) -> set[Left]:
    """What is left of the certificate's person and a reader of it does not learn. A store that is left in fewer places
    than were found names none of them."""
    by_store: dict[str, set[Left]] = defaultdict(set)
    for one in left:
        if one.about == IN_ANOTHERS_TEXT:
            by_store[f"{OTHERS_TEXTS} in {one.store}"].add(one)
        elif not any(words in said for said in certificate.not_reached for words in _words_for(one)):
            by_store[one.store].add(one)
    return {one for store, found in by_store.items() for one in _beyond(certificate, store, found)}


def _beyond(certificate: Certificate, store: str, left: set[Left]) -> set[Left]:
    names = (OTHERS_TEXTS,) if store.startswith(OTHERS_TEXTS) else STORES.get(store, ())
    stores = [one for one in certificate.stores if one.store in names]
    not_searched = [place for one in stores for place in one.not_searched]
    rest = {one for one in left if not any(one.place in place for place in not_searched)}
    return rest if len({one.place for one in rest}) > max((one.left for one in stores), default=0) else set()


def _words_for(left: Left) -> list[str]:
    words = [NOT_REACHED[left.store]] if left.store in NOT_REACHED else []
    if left.about == IN_ANOTHERS_ROW and left.kind in CONTACTS:
        words.append("rows of other persons who have the same")
    return words

"""Which local authorities the text of a report names, so that a borough is known to be more than the reporter's own.

Only codes of authorities are kept, never words. Texts are read of those reports alone that name a borough and no
victim.
"""

from hub.linkage.places.reading import read_text_places

__all__ = ["read_text_places"]

"""A world whose truth is known, written from the domain alone and without sight of the linkage.

Its people, places, posts and words come from no list of the hub's. What each report tells is noted as it is written,
and so is what two reports share by which they could be linked.
"""

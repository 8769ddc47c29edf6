"""Looks for erased persons in all that a hub keeps, with a reading and a normalisation of its own."""

"""Rows drawn from the contracts themselves, at the edges of what each of them allows.

Nothing here asks the hub how it reads a contract: the tests read the YAML themselves, so that a misreading shows.
"""

"""Rows drawn from the contracts themselves, at the edges of what each of them allows.

Nothing here asks the hub how it reads a contract: the YAML is read anew, so that a misreading shows.
"""

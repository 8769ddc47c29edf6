"""Disclosure control of published counts: what is kept back of a table, and what can be worked out of the rest."""

"""A world written by another hand than the simulation's: its own people, places, words and mistakes.

It rests on the contracts alone. For each wrong row it says which rules would be right to reject it; what is only odd
must be accepted.
"""

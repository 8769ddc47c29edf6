"""Drift of meaning: a sender or column that stopped being as its own past, named when it happens.

A profile counts how many rows of each sender fall into which bucket, every delivery day. For every bucket, and for the
number of rows, one question is asked each day: since which day may this have changed, and how many times likelier are
the days since then if it changed than if all is as before? The logarithm of that ratio is the *evidence*. It adds up
over days, so what one day cannot tell a week can, and what turns slowly is found, too. "As before" allows for what
this sender's days have always had beyond chance, and for changes too small to matter. An alarm is raised where the
evidence is larger than what all that is looked at on all those days would give by chance once in the days that are
agreed. It names the sender and column, lasts while the data are nearer to what they became, and is over when the days
since then are likelier as before. The days of an alarm are no past.
"""

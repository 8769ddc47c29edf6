"""Deliveries of every feed in their true form, with known truth: which incident and person each record is about, which
force answers for it, and which rule must catch it if it is dirt. Everybody and everything in them is made up."""

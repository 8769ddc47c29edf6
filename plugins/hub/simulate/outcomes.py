"""How cases end, in shares after the hub's own figures: one in a hundred charged, four in a hundred positive."""

OUTCOMES: tuple[tuple[str, float], ...] = (
    ("0", 0.05), ("1", 0.0092), ("2", 0.001), ("3", 0.004), ("6", 0.001), ("8", 0.010), ("9", 0.004), ("10", 0.02),
    ("14", 0.16), ("15", 0.14), ("16", 0.17), ("17", 0.01), ("18", 0.36), ("20", 0.03), ("21", 0.02), ("22", 0.003),
    ("harassment_warning", 0.006), ("youth_referral", 0.002), ("school_intervention", 0.002), ("apology", 0.003),
)  # fmt: skip
"""Weights of the codes (labels: the seed `outcomes`); drawn() makes them add up to 1. Of 1,851 incidents in April
2017 to December 2019, 17 were charged and 59 had another positive outcome."""
OUTCOME_CODES = tuple(code for code, _ in OUTCOMES)
OUTCOME_SHARE = tuple(share for _, share in OUTCOMES)
HOME_OFFICE_OUTCOMES = tuple(code for code in OUTCOME_CODES if code.isdecimal())
"""Those of a force's own records; the rest are the hub's."""

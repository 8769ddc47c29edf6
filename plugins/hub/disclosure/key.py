"""What names a public figure. Apart from all that counts, so that tables can be declared without it."""

KEY = ("measure_code", "area_code", "part_code", "period_code")
ISSUE = "issue"
"""The number of the issue, where several are read together."""

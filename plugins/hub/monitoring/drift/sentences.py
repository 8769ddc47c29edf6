"""An alarm in full words: sender, column, before and now, since when, of how many rows."""

from hub.monitoring.drift.alarms import Alarm
from hub.monitoring.drift.findings import Finding
from hub.monitoring.drift.history import ALL, ROWS, UP_TO, kind_of

GIVEN = "*"


def sentence(alarm: Alarm) -> str:
    """What has changed, in one sentence for people."""
    finding = alarm.finding
    who = "all senders" if finding.sender == ALL else finding.sender
    days = "1 delivery day" if finding.days == 1 else f"{finding.days} delivery days"
    since = f"since {alarm.since} ({finding.rows:,} rows in {days})"
    return f"{who}: {_change(finding)} {since}"


def _change(finding: Finding) -> str:
    column = finding.column
    before, now = (f"{100 * one:.1f}%" for one in (finding.before, finding.now))
    if column == ROWS:
        return f"{finding.before:,.1f} rows a day were usual, {finding.now:,.1f} a day came"
    if finding.statistic == "clock":
        hours = round(finding.now)
        hour = "1 hour" if abs(hours) == 1 else f"{abs(hours)} hours"
        return f"the clock of {column} is {hour} {'ahead' if hours > 0 else 'behind'}"
    if finding.other:
        return (
            f"{column} looks as if {finding.bucket} and {finding.other} were exchanged: {finding.bucket} was {before} "
            f"of the rows, is {now}"
        )
    return f"{_what(finding)} was {before}, is {now}"


def _what(finding: Finding) -> str:
    column, bucket = finding.column, finding.bucket.removeprefix(UP_TO)
    word, _, rest = finding.statistic.partition(":")
    below = "up to " if finding.bucket.startswith(UP_TO) else ""
    lag = f"{column} {below}{bucket} " + (f"after {rest}" if rest else "before the day of delivery")
    phrases = {
        "given": f"rows that do not give {column}",
        "value": f"{column} = {bucket}",
        "offset": f"{column} written with the offset {bucket}",
        "exactness": f"{column} written in {bucket}",
        "decimals": f"{column} with {below}{bucket} decimals",
        "size": f"{column} of {below}{bucket}",
        "length": f"{column} with {below}{bucket} characters",
        "days": lag,
        "minutes": lag,
    }
    kind = kind_of(finding.statistic)
    if kind in phrases:
        return f"the share of {phrases[kind]}"
    flag = _flag(rest.partition("=")[0], rest.partition("=")[2])
    return f"the share of {_flag(column, bucket)} among rows {word} {flag}"


def _flag(column: str, code: str) -> str:
    return column if code == GIVEN else f"{column} = {code}"

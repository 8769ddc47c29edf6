"""Known issues of what senders sent, which are shown beside the figures that they touch."""

from datetime import date

from recomputed.inputs import Inputs, Row, rows_of


class KnownIssues:
    """Finds the issues that touch a figure: those of a feed that it is counted from, in days that it covers."""

    def __init__(self, inputs: Inputs) -> None:
        self._figures = inputs.seed("figures_by_feed")
        self._issues: dict[int, Row] = {}
        for event in sorted(rows_of(inputs.known_issues), key=lambda event: event["event_id"]):
            number = event["issue_id"] or event["event_id"]
            self._issues[number] = {**self._issues.get(number, event), "to_on": event["to_on"]}

    def touching(
        self,
        view: str,
        first: date | None,
        last: date | None,
        figure: str | None = None,
        sender: str | None = None,
    ) -> str | None:
        """Numbers of the issues, joined by commas; without days those of all days. An issue of one sender touches
        that sender's figures, and all figures that are not one sender's."""
        feeds = {
            row["feed"] for row in self._figures if row["view_name"] == view and row["figure"] in (None, "", figure)
        }
        found = [
            number
            for number, issue in sorted(self._issues.items())
            if issue["feed"] in feeds
            and (last is None or issue["from_on"] <= last)
            and (first is None or issue["to_on"] is None or issue["to_on"] >= first)
            and (sender is None or issue["sender"] in (None, sender))
        ]
        return ", ".join(map(str, found)) or None

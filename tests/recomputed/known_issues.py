"""Known issues of what senders sent, which are shown beside the figures that they touch."""

from datetime import date

from recomputed.inputs import Inputs, Row, rows_of
from recomputed.values import day_in_london


class KnownIssues:
    """Finds the issues that touch a figure: those of a feed that it is counted from, where what came on their days of
    delivery is about days that the figure covers."""

    def __init__(self, inputs: Inputs) -> None:
        self._figures = inputs.seed("figures_by_feed")
        self._issues: dict[int, Row] = {}
        for event in sorted(rows_of(inputs.known_issues), key=lambda event: event["event_id"]):
            number = event["issue_id"] or event["event_id"]
            self._issues[number] = {**self._issues.get(number, event), "to_on": event["to_on"]}
        self._deliveries = rows_of(inputs.loaded)

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
            and any(
                (last is None or since <= last) and (first is None or until >= first)
                for since, until in self._covered(issue)
            )
            and (sender is None or issue["sender"] in (None, sender))
        ]
        return ", ".join(map(str, found)) or None

    def _covered(self, issue: Row) -> list[tuple[date, date]]:
        """First and last day of what each delivery that an issue touches is about."""
        found = []
        for delivery in self._deliveries:
            came_on = day_in_london(delivery["received_at"])
            is_of_issue = (
                delivery["feed"] == issue["feed"]
                and issue["from_on"] <= came_on
                and (issue["to_on"] is None or came_on <= issue["to_on"])
                and (issue["sender"] is None or delivery["sender"] in (None, issue["sender"]))
            )
            if is_of_issue:
                since = delivery["period_start"] or delivery["first_event_on"] or came_on
                found.append((since, delivery["period_end"] or delivery["last_event_on"] or came_on))
        return found

"""Measures that count incidents, their reports and their victims."""

from collections.abc import Callable, Iterable

from recomputed.outcomes import Facts
from recomputed.tally import Cut, Figure, Part, add_up, cut

type Number = Callable[[Facts], int]


def of_incidents(facts: list[Facts]) -> list[Figure]:
    """By the month of the first report, but for the two of closed incidents."""
    criminal = [each for each in facts if each.incident.is_criminal]
    closed = [each for each in criminal if each.closed_month is not None]
    return [
        *_add("incidents", facts, _one),
        *_add("reports", facts, _reports),
        *_add("reports_investigated", facts, lambda each: each.is_worked_on * _reports(each), _reports),
        *_add("victims_referred", facts, lambda each: each.count_victims_referred, lambda each: each.count_victims),
        *_add("criminal_incidents", facts, _crimes, _one),
        *_of_crimes(
            "reports_referred_elsewhere", facts, lambda each: each.is_referred_elsewhere * _reports(each), _reports
        ),
        *_of_crimes("criminal_investigated", facts, lambda each: each.is_worked_on),
        *_of_crimes("criminal_abroad", facts, lambda each: each.incident.funnel == "abroad"),
        *_of_crimes("criminal_uk", facts, lambda each: each.incident.funnel == "uk"),
        *_of_crimes("criminal_awaiting_provider", facts, lambda each: each.incident.funnel == "awaiting_provider"),
        *_of_crimes("incidents_with_arrest", facts, lambda each: each.has_arrest),
        *_of_crimes("charged_of_recorded", facts, lambda each: each.is_charged),
        *_of_crimes("other_positive_of_recorded", facts, _other_positive),
        *_closed("charged_of_closed", closed, lambda each: each.is_charged),
        *_closed("other_positive_of_closed", closed, _other_positive),
    ]


def _one(_: Facts) -> int:
    return 1


def _reports(each: Facts) -> int:
    return len(each.incident.reports)


def _crimes(each: Facts) -> int:
    return each.incident.is_criminal


def _other_positive(each: Facts) -> int:
    return each.is_positive and not each.is_charged


def _add(measure: str, facts: Iterable[Facts], numerator: Number, denominator: Number | None = None) -> list[Figure]:
    return add_up(
        measure,
        (Part(each.month, _cuts(each), numerator(each), denominator(each) if denominator else None) for each in facts),
    )


def _of_crimes(measure: str, facts: Iterable[Facts], numerator: Number, denominator: Number = _one) -> list[Figure]:
    """What is no crime is in no share of crimes; where there is none, the share is one of nothing."""
    return _add(
        measure,
        facts,
        lambda each: each.incident.is_criminal * numerator(each),
        lambda each: each.incident.is_criminal * denominator(each),
    )


def _closed(measure: str, closed: Iterable[Facts], numerator: Number) -> list[Figure]:
    """By the month of the final outcome."""
    return add_up(
        measure,
        (Part(each.closed_month, _cuts(each), numerator(each), 1) for each in closed if each.closed_month is not None),
    )


def _cuts(each: Facts) -> tuple[Cut, ...]:
    """An incident is in each of its strands, in one force, one provider and the feed of its first report."""
    incident = each.incident
    return (
        *(cut("strand", strand) for strand in incident.strands),
        cut("force", incident.force),
        cut("provider", incident.platform),
        cut("source", incident.first.feed),
    )

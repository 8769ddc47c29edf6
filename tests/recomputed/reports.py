"""Reports of all feeds in one form, and the references by which others name them."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from recomputed.inputs import Inputs, Row, rows_of
from recomputed.records import latest
from recomputed.values import codes, instant, yes

VICTIM = ("victim_name", "victim_email", "victim_phone", "victim_date_of_birth", "victim_postcode")
REPORT_FEEDS = ("true_vision_reports", "community_reports", "volunteer_reports", "police_hate_crimes")


@dataclass(frozen=True)
class Report:
    """One report in its latest version, with the incident and the victim that linkage gives it."""

    feed: str
    report_id: str
    incident_id: str
    victim: str | None
    reference: str
    crime_reference: str | None
    reported_at: datetime
    strands: tuple[str, ...]
    is_online: str | None
    platform: str | None
    has_address: bool
    """Whether the address of what was posted is given."""
    is_threat_to_life: bool
    may_share_with_police: bool
    may_refer_to_support: bool
    lsoa: str | None
    postcode_district: str | None
    borough: str | None
    force_named: str | None
    knows_a_victim: bool
    """Whether the reporter is the victim, or anything of a victim is given."""
    home_district: str | None
    """Postcode district of the victim's home, where linkage knows it."""
    places_in_text: frozenset[str]
    """Codes of authorities that its text names, where linkage has read it for them."""

    @property
    def is_of_a_post(self) -> bool:
        """It says that it was online, or leaves that open and gives an address."""
        return self.is_online == "yes" or (self.is_online in (None, "unknown") and self.has_address)


def read_reports(inputs: Inputs) -> list[Report]:
    """All reports, the earliest first. Fails where the warehouse has not just one report for the newest version of
    each record that was delivered: one is then missing, made up, or of a version that was corrected."""
    counts = Counter((row["feed"], row["hash"]) for row in rows_of(inputs.reports))
    in_warehouse = {(row["feed"], row["hash"]): row for row in rows_of(inputs.reports)}
    delivered = {(feed, row["hash"]): row for feed in REPORT_FEEDS for row in latest(inputs, feed)}
    missing, others = delivered.keys() - in_warehouse.keys(), in_warehouse.keys() - delivered.keys()
    repeated = [name for name, count in counts.items() if count > 1]
    if missing or others or repeated:
        wrong = {"newest versions without a report": missing, "reports of others": others, "repeated": repeated}
        raise ValueError("; ".join(f"{what}: {sorted(names)}" for what, names in wrong.items()))
    homes = {
        (row["feed"], row["hash"]): row["postcode_district"]
        for row in rows_of(inputs.mentions)
        if row["role"] == "victim"
    }
    in_texts: dict[str, set[str]] = defaultdict(set)
    for row in rows_of(inputs.text_places):
        in_texts[row["report_id"]].add(row["lad_code"])
    reports = [
        _report(name[0], row, in_warehouse[name], homes.get(name), in_texts[in_warehouse[name]["report_id"]])
        for name, row in delivered.items()
    ]
    return sorted(reports, key=lambda report: (report.reported_at, report.report_id))


def _report(feed: str, row: Row, in_warehouse: Row, home: str | None, in_text: set[str]) -> Report:
    is_of_police, is_of_volunteer = feed == "police_hate_crimes", feed == "volunteer_reports"
    # A force's record is the police's own; a volunteer is a witness who may pass on what they saw and nothing else.
    needs_no_consent = is_of_police or is_of_volunteer
    reference = {"community_reports": "case_ref", "police_hate_crimes": "crime_reference"}.get(feed, "report_ref")
    return Report(
        feed=feed,
        report_id=in_warehouse["report_id"],
        incident_id=in_warehouse["incident_id"],
        victim=in_warehouse["victim_person_id"],
        reference=row[reference],
        crime_reference=row.get("crime_reference"),
        reported_at=instant(row["recorded_at" if is_of_police else "reported_at"]),
        strands=codes(row["strands"]),
        is_online="yes" if is_of_volunteer else row["is_online"],
        platform=row["platform"],
        has_address=row.get("content_url") is not None,
        is_threat_to_life=yes(row.get("is_threat_to_life")),
        may_share_with_police=needs_no_consent or yes(row["consent_share_police"]),
        may_refer_to_support=is_of_police or yes(row.get("consent_refer_support")),
        lsoa=row.get("offence_lsoa_code"),
        postcode_district=row.get("offence_postcode_district"),
        borough=row.get("borough_named"),
        force_named=row["force_code" if is_of_police else "force_named"],
        knows_a_victim=yes(row.get("reporter_is_victim")) or any(row.get(f"{name}_token") for name in VICTIM),
        home_district=home,
        places_in_text=frozenset(in_text),
    )


class References:
    """Finds reports by the references that answers and events quote."""

    def __init__(self, reports: list[Report]) -> None:
        self._by_reference: dict[str, list[Report]] = defaultdict(list)
        self._by_crime: dict[str, list[Report]] = defaultdict(list)
        for report in reports:
            self._by_reference[report.reference].append(report)
            if report.crime_reference is not None:
                self._by_crime[report.crime_reference].append(report)

    def named(self, reference: str | None) -> list[Report]:
        """Reports that bear a reference."""
        return self._by_reference.get(reference, []) if reference else []

    def of_crime(self, reference: str | None) -> list[Report]:
        """Reports that are, or quote, a force's record."""
        return self._by_crime.get(reference, []) if reference else []

    def incident(self, reference: str | None) -> str | None:
        """The incident that a reference names; one that two incidents share names neither."""
        incidents = {report.incident_id for report in self.named(reference)}
        return incidents.pop() if len(incidents) == 1 else None

"""The hub's detector as the proof by another hand asks for one."""

from pathlib import Path

from hub.contracts.model import Catalogue
from hub.monitoring.drift.history import ALL
from hub.settings import Settings
from proofs.drift_mutations.scoring import Alarm, Detector
from proofs.drifting import HubDetector, Raised, code_of, columns_of

NOT_DELIVERED = (".parquet", ".json")


def hub_detector(settings: Settings, catalogue: Catalogue) -> Detector:
    """A feed's contract and a folder of its files → all alarms that the hub raises."""
    hub = HubDetector(settings)

    def asked(contract: Path, folder: Path) -> list[Alarm]:
        feed = contract.parent.name
        files = [path for path in folder.iterdir() if path.suffix not in NOT_DELIVERED]
        return [_in_terms_of_the_proof(feed, one) for one in hub(catalogue.contracts[feed], files)]

    return asked


def _in_terms_of_the_proof(feed: str, raised: Raised) -> Alarm:
    alarm = raised.alarm
    sender = None if alarm.finding.sender == ALL else alarm.finding.sender
    return Alarm(feed, sender, columns_of(alarm), code_of(alarm), alarm.named_on, raised.closed_on)

"""A force that gets documents by one of three ways, and what it has of them."""

import uuid
from collections import Counter
from contextlib import ExitStack

from dispatch.conftest import FORCE, Hub
from dispatch.door import Door
from dispatch.mail_desk import Desk
from dispatch.mail_receiver import SENDER, TO, MailReceiver
from hub.dispatch.transports import TransientFault


class Force:
    """The force's way to get documents; ``came`` is what it has, in which ids are seen."""

    def __init__(self, hub: Hub, kind: str, stack: ExitStack) -> None:
        self.hub, self.kind, self.door, self.seen = hub, kind, Door(), set[str]()
        if kind != "mail":
            return
        desk = Desk(hub.settings.recipients / FORCE)
        desk.certificate()
        self.receiver = stack.enter_context(MailReceiver())
        (hub.settings.secrets / "recipients").mkdir()
        (hub.settings.secrets / "recipients" / "london").write_text(f"{self.receiver.address}\n")
        transport = {"kind": "mail", "server": "london", "sender": SENDER, "to": TO, "encrypt_to": ["desk.asc"]}
        hub.recipient(FORCE, transport=transport)

    def send(self) -> None:
        self.hub.send(at_once=True, **({"transport_of": self.door} if self.kind == "fake" else {}))

    def fails(self) -> None:
        """The next hand-over is not heard of by the hub."""
        if self.kind == "mail":
            self.receiver.faults.append("dropped taken")
        elif self.kind == "fake":
            self.door.faults[""] = TransientFault("503")

    def works(self) -> None:
        self.door.faults.clear()
        if self.kind == "mail":
            self.receiver.faults.clear()

    def came(self) -> Counter[str]:
        """What lies there, or came, by name; a file by its time, too."""
        if self.kind == "mail":
            return Counter(one.message_id for one in self.receiver.mails)
        if self.kind == "fake":
            return Counter(self.door.came)
        found = (self.hub.settings.pickup_folder / FORCE).glob("*-*-*-*.json")
        return Counter(f"{one.stem} {one.stat().st_mtime_ns}" for one in found)

    def look(self) -> None:
        """A later document may take an earlier one's place."""
        self.seen |= {one.partition(" ")[0] for one in self.came()}

    def has_had(self, name: str) -> bool:
        if self.kind != "mail":
            return name in self.seen
        dispatch_id, _, document = name.partition(".")
        return any(
            one.startswith(f"<{uuid.uuid5(uuid.UUID(dispatch_id), document or 'package')}@") for one in self.seen
        )

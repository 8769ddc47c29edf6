"""What runs first on a machine of a test's own: ``python -m local.celery.machine DESCRIPTION``.

It is started in namespaces of its own for network, mounts, processes and the host's name. It brings its loopback
address up, hides the folders of other machines, starts the relay to the servers and then the command.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from local.celery.relay import listen_on_machine


@dataclass(frozen=True)
class Description:
    """A machine: over ``hidden`` folders an empty file system is mounted, ``read_only`` ones can be read alone."""

    name: str
    sockets: str
    ports: tuple[int, ...]
    hidden: tuple[str, ...]
    read_only: tuple[str, ...]
    command: tuple[str, ...]
    environment: dict[str, str]
    log: str

    def text(self) -> str:
        return json.dumps(asdict(self))


def do(*command: str) -> None:
    subprocess.run(command, check=True)


def main(described: Description) -> int:
    socket.sethostname(described.name)
    do("ip", "link", "set", "lo", "up")
    for folder in described.read_only:
        do("mount", "--bind", folder, folder)
        do("mount", "-o", "remount,bind,ro", folder)
    for folder in described.hidden:
        do("mount", "-t", "tmpfs", "-o", "mode=0700", "tmpfs", folder)
    relay = listen_on_machine(Path(described.sockets), described.ports)
    threading.Thread(target=asyncio.run, args=(relay,), daemon=True).start()
    with Path(described.log).open("ab") as log:
        environment = described.environment
        worker = subprocess.Popen(described.command, env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    # The first process of a machine gets those of others that have ended.
    while True:
        ended, status = os.wait()
        if ended == worker.pid:
            return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(Description(**json.loads(Path(sys.argv[1]).read_text()))))

"""Runs a command with a limit to its memory and says how much it took: ``peak_memory.py LIMIT COMMAND …``, in bytes. A
small program of its own: what a process has taken counts the one it was made from."""

import resource
import subprocess
import sys


def run_within(limit: int, command: list[str]) -> int:
    """The command's exit code, after a line with its peak on standard error."""
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    code = subprocess.run(command, check=False).returncode
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(run_within(int(sys.argv[1]), sys.argv[2:]))

"""Asks Airflow's API whether one of its parts is well: ``python -m hub.local.health PART [URL]``, for health checks.

It needs the standard library only, so that a check every half minute costs a tenth of a second and not six.
"""

import json
import sys
from urllib.error import URLError
from urllib.request import urlopen

DEFAULT_URL = "http://127.0.0.1:8080"


def status_of(part: str, url: str) -> str:
    """``healthy``, or what is wrong. ``part``: metadatabase, scheduler, dag_processor or triggerer."""
    try:
        with urlopen(f"{url}/api/v2/monitor/health", timeout=5) as answer:  # noqa: S310  the deployment's own address
            parts = json.load(answer)
    except (URLError, OSError, ValueError) as error:
        return f"no answer: {error}"
    return str((parts.get(part) or {}).get("status"))


if __name__ == "__main__":
    found = status_of(sys.argv[1], *(sys.argv[2:3] or [DEFAULT_URL]))
    print(found)
    sys.exit(found != "healthy")

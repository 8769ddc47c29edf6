"""What a provider is told of its own content, and nobody else."""

import json

from dispatch.conftest import FORCE, PROVIDER, Hub

POST = "https://x.com/somebody/status/1"


def addresses(hub: Hub, code: str) -> list[list[str | None]]:
    packages = (json.loads(path.read_text()) for path in hub.files(code))
    return [[one["address"] for one in package["objects"]] for package in packages]


def test_a_provider_is_told_where_its_own_content_is_and_a_force_is_not(hub: Hub) -> None:
    hub.offer("provider", PROVIDER, duty="removal")
    hub.offer()
    hub.change("update publish.incident_evidence_v1 set provider_code = 'x', content_url = :post", post=POST)
    hub.prepare()
    hub.send()
    assert (addresses(hub, PROVIDER), addresses(hub, FORCE)) == ([[POST]], [[None]])
    hub.change("update publish.incident_evidence_v1 set provider_code = 'facebook'")
    assert len(hub.prepare().new) == 1
    hub.send()
    assert addresses(hub, PROVIDER)[-1] == [None]

"""An address that no page has is answered as such, whatever stands in it."""

import uuid
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

PageOf = Callable[[str | None], TestClient]


@pytest.mark.parametrize(
    "address",
    [
        "/hub/dispatches/to/%00",
        "/hub/feeds/%00",
        "/hub/catalogue/%00",
        f"/hub/deliveries/{uuid.UUID(int=1)}/rows?rule=%00",
    ],
)
def test_a_text_that_the_warehouse_cannot_hold_is_not_found(address: str, page_of: PageOf) -> None:
    assert page_of("operator").get(address).status_code in {404, 422}

"""What is asked of a trace is told to the audit log once it is known to be a question."""

import pytest
import sqlalchemy as sa

from hub.publish.trace import NotTraced, trace
from hub.settings import Settings


def test_what_is_typed_and_cannot_be_traced_is_not_in_the_audit_log(settings: Settings, engine: sa.Engine) -> None:
    for view in ("freshness_v1", "jane.doe@example.org"):
        with pytest.raises(NotTraced):
            trace(settings, engine, 1, view, {"feed": "jane.doe@example.org"}, who="an.auditor")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("select count(*) from audit.log")) == 0

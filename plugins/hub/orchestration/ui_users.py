"""The users of the Airflow UI."""

UI_USERS = {"admin": "admin", "operator": "user", "viewer": "viewer"}
"""UI user → role of Airflow's simple auth manager. A viewer sees all and can trigger, approve and change nothing; an
operator can trigger, pause and approve; an admin can also change connections, variables and pools, and say that an
asset has changed, which starts runs without an asker."""

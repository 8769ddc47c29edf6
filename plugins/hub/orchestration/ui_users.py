"""The users of the Airflow UI."""

UI_USERS = {"admin": "admin", "operator": "op", "viewer": "viewer"}
"""UI user → role of Airflow's simple auth manager. A viewer sees all and can trigger, approve and change nothing; an
operator can trigger and approve; an admin can also change connections, variables and pools."""

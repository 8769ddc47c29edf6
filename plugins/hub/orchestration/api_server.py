"""What every request to Airflow's API server and UI has to pass."""

from airflow.plugins_manager import AirflowPlugin

from hub.orchestration.login_attempts import LoginAttempts
from hub.orchestration.security_headers import SecurityHeaders
from hub.orchestration.typed_values import TypedValues


class ApiServer(AirflowPlugin):
    """Refuses what must not be typed, slows logins, and adds the headers; the last one sees a request first."""

    name = "api_server"
    fastapi_root_middlewares = [  # noqa: RUF012 - Airflow's form
        {"middleware": TypedValues, "name": "typed values"},
        {"middleware": LoginAttempts, "name": "login attempts"},
        {"middleware": SecurityHeaders, "name": "security headers"},
    ]

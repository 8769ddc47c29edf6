"""The Airflow DAGs that send allocations to their recipients, collect their answers, and change single dispatches
or recipients."""

from hub.orchestration.dispatch_changes_dags import pause_dag, send_again_dag, withdraw_dispatch_dag
from hub.orchestration.dispatch_dags import answers_dag, dispatch_dag
from hub.settings import read_settings

settings = read_settings()
dispatch = dispatch_dag(settings)
answers = answers_dag(settings)
withdraw = withdraw_dispatch_dag(settings)
send_again = send_again_dag(settings)
pause = pause_dag(settings)

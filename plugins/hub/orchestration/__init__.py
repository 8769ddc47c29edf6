"""The only code, with ``dags/`` and the plugin file, that imports Airflow."""

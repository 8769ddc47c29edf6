"""Metrics for those who operate the hub, as OpenMetrics: what the ledger, backups and disks say at the moment somebody
asks. ``alert_rules.yaml`` and ``grafana_dashboard.json`` here are for Prometheus and Grafana, and name only these."""

"""Deliveries: collected, read, validated, loaded, quarantined, released, withdrawn."""

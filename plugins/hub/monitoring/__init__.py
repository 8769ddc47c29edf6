"""What came, compared with what was to come: profiles, drift, delivery alerts, known issues."""

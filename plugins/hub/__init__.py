"""The data platform of an online hate crime hub."""

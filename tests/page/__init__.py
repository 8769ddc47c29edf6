"""Tests of the hub's page."""

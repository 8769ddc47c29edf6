"""Tests of lineage events."""

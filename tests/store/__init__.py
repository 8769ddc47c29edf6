"""Landed files in an object store that fails as object stores do."""

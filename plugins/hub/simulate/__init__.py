"""Deliveries of every feed with known truth beside them."""

"""A reader who keeps every public table and works out what was kept back; written without sight of the protection."""

"""Records that belong together: reports of one incident, mentions of one person; and the public records of how."""

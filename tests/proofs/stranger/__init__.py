"""What a stranger tries against the hub: files, logins to the database, and requests to the UI."""

"""Mail: handing one to the SMTP server that an address names."""

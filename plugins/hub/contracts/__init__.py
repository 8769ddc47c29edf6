"""What a feed promises: its columns, rules and limits, read from `contract.yaml`."""

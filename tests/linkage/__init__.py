"""Which reports are one incident."""

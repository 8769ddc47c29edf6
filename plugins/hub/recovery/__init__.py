"""The way back: a hub restored from its backups, with every erasure done again, and the drill that proves it weekly."""

"""A register's statements made up at random, what a hub must hold of them, and the hub that takes them in."""

"""The commands of ``hub``, one module a topic."""

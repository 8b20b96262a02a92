"""The commands of a session, a small group a file."""

"""What deploy/ holds for a node."""

"""The resident agent."""

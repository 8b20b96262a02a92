"""The static client of the agent."""

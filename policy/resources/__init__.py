"""The kinds that are read: their shapes (pydantic), their defaults, and what is wrong with them."""

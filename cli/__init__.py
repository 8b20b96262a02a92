"""Talking: click commands, one a file. Each parses arguments, calls one function, prints, exits."""

"""A disk that fails or loses power: `disk.c` between a program and its files."""

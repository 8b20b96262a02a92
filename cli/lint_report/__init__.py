"""Findings as readers and machines want them: one format a file, each from the same `Report`."""

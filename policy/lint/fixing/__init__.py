"""Fixes of findings, done to the text: stretches of it are replaced, and all else stays as it is.

    Fix ── replacements ──> Replacement, ... ── fix_texts ──> text, read again and compared

Nothing is believed: what was written is read again, and must hold the same objects but for what
the fixes say; else it is not done.
"""

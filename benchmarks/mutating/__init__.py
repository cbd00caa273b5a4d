"""Deliberately wrong variants of what the tool writes, and what catches them."""

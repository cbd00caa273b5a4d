"""Proof by running: the same program on the legacy API and, migrated, on API 2.0."""

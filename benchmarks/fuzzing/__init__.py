"""Random legacy programs: written, run, migrated, run again, compared."""

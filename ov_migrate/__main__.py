"""Lets `python -m ov_migrate` do what the `ov-migrate` command does."""

from ov_migrate.quick import main

if __name__ == "__main__":
    main()

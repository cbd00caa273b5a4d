"""Lets `python -m ov_migrate` do what the `ov-migrate` command does."""

from ov_migrate.cli import main

if __name__ == "__main__":
    main(prog_name="ov-migrate")

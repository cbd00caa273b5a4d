"""What each expression of a project may hold: legacy kinds and their flow through code."""

from ov_migrate.inference.engine import Engine
from ov_migrate.inference.project import Module, Project

__all__ = ["Engine", "Module", "Project"]

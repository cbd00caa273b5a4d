"""The transforms, one module per pipeline step. They look at established sites and yield changes."""

from ov_migrate.steps.context import Context
from ov_migrate.steps.plans import Plans
from ov_migrate.steps.runner import Outcome, transform

__all__ = ["Context", "Outcome", "Plans", "transform"]

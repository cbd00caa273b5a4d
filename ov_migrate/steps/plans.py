"""All that has to be decided over several sites before any of them is rewritten."""

from __future__ import annotations

import libcst as cst

from ov_migrate.inference import Engine
from ov_migrate.knowledge.model_facts import ModelFacts
from ov_migrate.steps.callback_plan import CallbackPlan
from ov_migrate.steps.config_plan import ConfigPlan
from ov_migrate.steps.core_plan import CorePlan
from ov_migrate.steps.dead_devices import DevicePlaces
from ov_migrate.steps.device_plan import DevicePlan
from ov_migrate.steps.fold_plan import FoldPlan
from ov_migrate.steps.key_plan import KeyPlan
from ov_migrate.steps.model_plan import ModelPlan
from ov_migrate.steps.port_plan import PortPlan
from ov_migrate.steps.preprocess_plan import PreprocessPlan
from ov_migrate.steps.request_plan import RequestPlan
from ov_migrate.steps.results_plan import ResultsPlan
from ov_migrate.steps.started import StartPlan
from ov_migrate.steps.threads import ThreadPlan


class Plans:
    """Made once for the whole project, when its analysis is done."""

    def __init__(self, engine: Engine, models: tuple[ModelFacts, ...] = ()) -> None:
        self.folds = FoldPlan(engine)
        self.callbacks = CallbackPlan(engine)
        self.requests = RequestPlan(engine, self.callbacks.called_back)
        self.devices = DevicePlan(engine)
        self.device_places = DevicePlaces(engine)
        self.cores = CorePlan(engine)
        self.ports = PortPlan(engine, ModelPlan(engine, models))
        self.keys = KeyPlan(engine, self.ports)
        self.results = ResultsPlan(engine, self.ports)
        self.starts = StartPlan(engine)
        self.threads = ThreadPlan(engine)
        self.config = ConfigPlan(engine)
        self.preprocess = PreprocessPlan(engine)
        functions = (function for module in engine.project.modules for function in module.tree.all(cst.FunctionDef))
        self.function_names = frozenset(function.name.value for function in functions)

"""What stands beside an executable network or a plugin, where it cannot be carried along: left, and said why."""

import pytest

from ov_migrate.migrate import migrate_bytes
from ov_migrate.settings import Settings
from ov_migrate.sources import SourceError, check_parses

LOAD = """\
from openvino.inference_engine import IECore

ie = IECore()
net = ie.read_network("a.xml")
"""
PLUGIN = """\
from openvino.inference_engine import IENetwork, IEPlugin

net = IENetwork("a.xml", "a.bin")
"""


def left(text: str) -> tuple[str, list[str]]:
    """The new text and the messages of what is left by hand."""
    run, data = migrate_bytes("program.py", text.encode(), Settings())
    return data.decode(), [f.message for record in run.files for f in record.findings if f.kind == "manual"]


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (
            "nets = [ie.load_network(net, 'CPU', num_requests=2)]\n"
            "nets.insert(0, ie.load_network(net, 'CPU', num_requests=count))\n"
            "nets[0].requests[1].infer({})\n",
            "it is kept in a container that is changed in other ways. num_requests was `2`, `count`.",
        ),
        (
            "nets = {}\nnets[key()] = ie.load_network(net, 'CPU', num_requests=2)\nnets[name].requests[1].infer({})\n",
            "under a key that cannot be written twice",
        ),
        (
            "def load(count):\n    count += 1\n    return ie.load_network(net, 'CPU', num_requests=count)\n\n"
            "exec_net = load(1)\n"
            "exec_net.requests[1].infer({})\n",
            "its number of requests is known only where it is made. num_requests was `count`.",
        ),
        (
            "class Model:\n"
            "    def __init__(self, exec_net):\n"
            "        self.exec_net = exec_net\n"
            "    def run(self):\n"
            "        self.exec_net.requests[1].infer({})\n\n"
            "exec_net = ie.load_network(net, 'CPU', num_requests=3)\n"
            "Model(exec_net).run()\n"
            "Model(ie.load_network(net, 'CPU', num_requests=2)).run()\n",
            "it is loaded inside the arguments of a call. num_requests was `3`, `2`.",
        ),
    ],
)
def test_requests_that_are_left(program: str, reason: str) -> None:
    text, messages = left(LOAD + program)
    assert any(reason in message for message in messages)
    assert reason in text
    assert "create_infer_request() for" not in text


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(
            "def run(exec_net):\n    exec_net.requests[1].infer({})\n\n"
            "def show(*nets):\n    print(nets)\n\n"
            "exec_net = ie.load_network(net, 'CPU', num_requests=2)\n"
            "for step in (run, show):\n    step(exec_net)\n",
            id="functions with different parameters are called in one place",
        ),
        pytest.param(
            "def make(exec_net=None):\n"
            "    def load():\n"
            "        nonlocal exec_net\n"
            "        exec_net = ie.load_network(net, 'CPU', num_requests=2)\n"
            "    def run():\n"
            "        exec_net.requests[1].infer({})\n"
            "    return load, run\n",
            id="it belongs to an outer function that does not assign it",
        ),
        pytest.param(
            "class Model:\n"
            "    __slots__ = 'exec_net'\n"
            "    def __init__(self):\n"
            "        self.exec_net = ie.load_network(net, 'CPU', num_requests=2)\n"
            "    def run(self):\n"
            "        self.exec_net.requests[1].infer({})\n",
            id="the slots of its class are not a list of names",
        ),
    ],
)
def test_requests_that_are_kept_on_the_compiled_model(program: str) -> None:
    text, messages = left(LOAD + program)
    assert messages == []
    assert "exec_net.infer_requests = [" in text
    assert "exec_net.infer_requests[1].infer({})" in text


@pytest.mark.parametrize(
    "program",
    [
        "plugins = []\nfor d in devices:\n    plugins.append(IEPlugin(d))\nexec_net = plugins[0].load(net)\n",
        "plugins = {d: IEPlugin(d) for d in devices}\n"
        "plugins['AUTO'] = plugins['GPU']\n"
        "exec_net = plugins['AUTO'].load(net)\n",
        "for d in devices:\n    plugin = plugin or IEPlugin(d)\n    exec_net = plugin.load(net)\n",
    ],
)
def test_devices_that_are_left(program: str) -> None:
    text, messages = left(PLUGIN + program)
    assert any(message.endswith("It was `d`.") for message in messages)
    assert ".load(net)" in text


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("args = first()\nplugin = IEPlugin(args.device)\nexec_net = plugin.load(net)\n", "(net, args.device)"),
        (
            "args = first()\nargs = second(args)\nplugin = IEPlugin(args.device)\nexec_net = plugin.load(net)\n",
            "(net, args.device)",
        ),
        (
            "args = first()\nplugin = IEPlugin(args.device)\nargs = second()\nexec_net = plugin.load(net)\n",
            "plugin = Core()\ndevice = args.device\nargs = second()\nexec_net = plugin.compile_model(net, device)",
        ),
        (
            "args = first()\nplugin = IEPlugin(args.device)\nargs.device = 'GPU'\nexec_net = plugin.load(net)\n",
            "plugin.compile_model(net, device)",
        ),
        (
            "for d in devices:\n    plugin = IEPlugin(d)\n    exec_net = plugin.load(net)\n",
            "    exec_net = plugin.compile_model(net, d)",
        ),
    ],
)
def test_device_where_it_means_the_same(program: str, expected: str) -> None:
    text, messages = left(PLUGIN + program)
    assert messages == []
    assert expected in text


def test_new_text_must_compile_when_the_old_one_did() -> None:
    good, unbound = "def f():\n    pass\n", "def f():\n    nonlocal x\n"
    check_parses(good, good)
    check_parses(unbound, unbound)
    with pytest.raises(SourceError, match="would not compile"):
        check_parses(unbound, good)
    with pytest.raises(SourceError, match="would not parse"):
        check_parses("def f(:\n", good)

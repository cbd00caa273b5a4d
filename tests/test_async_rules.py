"""Asynchronous sites that are left to a person, and programs that get nothing."""

import pytest

from ov_migrate.migrate import migrate_bytes
from ov_migrate.settings import Settings

HEAD = """
from openvino.inference_engine import IECore
exec_net = IECore().load_network("model.xml", "CPU", num_requests=2)
"""


def migrated(code: str) -> tuple[str, list[str]]:
    run, data = migrate_bytes("program.py", (HEAD + code).encode(), Settings())
    return data.decode(), [f"{f.rule} {f.kind}" for record in run.files for f in record.findings]


def test_wait_in_its_own_callback_is_left() -> None:
    text, found = migrated("""
def done(status, request):
    request.wait(-1)
    seen.append(request.output_blobs["prob"].buffer)
for request in exec_net.requests:
    request.set_completion_callback(done, request)
""")
    assert "    request.wait(-1)\n" in text
    assert "OVM605 manual" in found


def test_wait_for_a_request_of_another_network_in_a_callback_is_rewritten() -> None:
    text, found = migrated("""
other = IECore().load_network("other.xml", "CPU")
def done(status, request):
    other.requests[0].wait(-1)
for request in exec_net.requests:
    request.set_completion_callback(done, request)
""")
    assert ".wait(-1)" not in text
    assert "OVM605 manual" not in found


def test_callback_that_is_taken_away_is_left() -> None:
    text, found = migrated("exec_net.requests[0].set_completion_callback(None)\n")
    assert "set_completion_callback(None)" in text
    assert "OVM607 manual" in found


@pytest.mark.parametrize("arguments", ["num_requests=2", "timeout=100", "num_requests=count"])
def test_wait_for_some_requests_or_some_time_is_left(arguments: str) -> None:
    text, found = migrated(f"exec_net.wait({arguments})\n")
    assert f"exec_net.wait({arguments})" in text
    assert "OVM606 manual" in found


def test_timeout_that_is_computed_in_place_is_left() -> None:
    text, found = migrated("exec_net.requests[0].wait(remaining())\n")
    assert ".wait(remaining())" in text
    assert "OVM605 manual" in found


def test_start_whose_request_is_computed_in_place_is_left() -> None:
    text, found = migrated("handles.append(exec_net.start_async(ids.pop(), image))\n")
    assert "exec_net.start_async(ids.pop(), image)" in text
    assert "OVM604 manual" in found


def test_threads_that_run_no_requests_get_nothing() -> None:
    text, found = migrated("""
import threading
def log(line):
    lines.append(line)
for line in ("a", "b"):
    threading.Thread(target=log, args=(line,)).start()
exec_net.requests[0].infer({"data": image})
""")
    assert "Tensor" not in text
    assert "OVM611 migrated" not in found


def test_one_thread_that_runs_all_requests_gets_nothing() -> None:
    text, _ = migrated("""
import threading
def work():
    exec_net.requests[0].infer({"data": image})
threading.Thread(target=work).start()
""")
    assert "Tensor" not in text

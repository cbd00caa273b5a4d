"""The parts of a random program that infer and look at what comes out."""

from __future__ import annotations

from fuzzing.scope import Lines, Scope, block

# The forms in which a status is tested once a request was waited for: the test, and whether it holds when all is well.
_TESTS = (
    ("{r}.wait(-1) == 0", True), ("{r}.wait() == 0", True), ("not {r}.wait()", True), ("0 == {r}.wait(-1)", True),
    ("{r}.wait(-1) != 0", False), ("{r}.wait(timeout=-1) == 0", True),
)  # fmt: skip


def infer_call(s: Scope, feed: str) -> str:
    f = s.facts
    f.count("`infer(…)` all")
    if f.chance(0.55):
        f.count("`exec_net.infer(inputs=…)`")
        return f"{s['exec']}.infer(inputs={feed})"
    f.count("`exec_net.infer(positional)`")
    return f"{s['exec']}.infer({feed})"


def sync(s: Scope) -> Lines:
    """One synchronous inference and a use of its dict."""
    f = s.facts
    f.count("bound to a local name")
    return f.source.choice(_SYNC_USES)(s, f.fresh("res"), infer_call(s, s.feed(f.source.randrange(1, 6))))


def _subscript(s: Scope, res: str, call: str) -> Lines:
    for out in s.outputs:
        is_literal = out[0] in "'\""
        s.facts.count("subscripted by a string literal" if is_literal else "subscripted by a variable")
    return [f"{res} = {call}", *(s.show("sync", f"{res}[{name}]") for name in s.outputs)]


def _rebound(s: Scope, res: str, call: str) -> Lines:
    return [f"{res} = {call}", f"{res} = {res}[{s.any_output()}]", s.show("rebound", res)]


def _direct(s: Scope, res: str, call: str) -> Lines:
    return [f"{res} = {call}[{s.any_output()}]", s.show("direct", res)]


def _values(s: Scope, res: str, call: str) -> Lines:
    f = s.facts
    f.count("`.values()`")
    forms = [f"list({res}.values())[{f.source.randrange(len(s.outputs))}]"]
    forms += [f"next(iter({res}.values()))"] if len(s.outputs) == 1 else []
    return [f"{res} = {call}", s.show("value", f.pick(forms))]


def _loop(s: Scope, res: str, call: str) -> Lines:
    s.facts.count("`.values()`")
    return [f"{res} = {call}", *block(f"for array in {res}.values():", [s.show("each", "array")])]


def _items(s: Scope, res: str, call: str) -> Lines:
    s.facts.count("`.items()`")
    shown = "[name, array.tolist()]" if s.facts.shows_names else "[array.tolist()]"
    return [f"{res} = {call}", *block(f"for name, array in {res}.items():", [f"print(json.dumps({shown}))"])]


def _length(s: Scope, res: str, call: str) -> Lines:
    s.facts.count("`len()`")
    s.facts.count("iterated or `in`")
    out = s.any_output()
    return [f"{res} = {call}", f"print(json.dumps([len({res}), {out} in {res}]))", s.show("one", f"{res}[{out}]")]


def _passed(s: Scope, res: str, call: str) -> Lines:
    s.facts.count("passed to another function")
    text = "def summary(results, name):\n    return [round(float(v), 2) for v in results[name].ravel()[:4]]"
    return [f"{res} = {call}", f"print(json.dumps({s.facts.helper('summary', text)}({res}, {s.any_output()})))"]


def _comprehension(s: Scope, res: str, call: str) -> Lines:
    s.facts.count("iterated or `in`")
    if not s.facts.shows_names:
        return [f"{res} = {call}", f"print(json.dumps([float({res}[name].sum()) for name in {res}]))"]
    return [f"{res} = {call}", f"print(json.dumps({{name: float({res}[name].sum()) for name in {res}}}))"]


def _thrown(s: Scope, res: str, call: str) -> Lines:
    s.facts.count("thrown away")
    return [call, s.show("thrown", s.out(s.request(), s.any_output()))]


def _get(s: Scope, res: str, call: str) -> Lines:
    return [f"{res} = {call}", f"scores = {res}.get({s.any_output()})", s.show("get", "scores")]


def _returned(s: Scope, res: str, call: str) -> Lines:
    s.facts.count("returned")
    predict = s.facts.helper("predict", "def predict(exec_net, inputs):\n    return exec_net.infer(inputs=inputs)")
    return [f"{res} = {predict}({s['exec']}, {s.feed(2)})", s.show("returned", f"{res}[{s.any_output()}]")]


def _item(s: Scope, res: str, call: str) -> Lines:
    s.facts.count("subscripted by an integer literal (already an array)")
    return [f"{res} = {call}[{s.any_output()}]", f"print(json.dumps({res}[0].ravel()[:3].tolist()))"]


def _attribute(s: Scope, res: str, call: str) -> Lines:
    """Results on an object that lives on."""
    if "self." not in s["exec"]:
        return _subscript(s, res, call)
    s.facts.count("bound to a self attribute")
    return [f"self.{res} = {call}", s.show("attribute", f"self.{res}[{s.any_output()}]")]


def _dict(s: Scope, res: str, call: str) -> Lines:
    lines = [f"inputs = {s.feed(3)}", f"{res} = {infer_call(s, 'inputs')}"]
    return [*lines, s.show("dict", f"{res}[{s.any_output()}]")]


_SYNC_USES = (
    _subscript, _subscript, _subscript, _rebound, _direct, _values, _loop, _items, _length, _passed, _comprehension,
    _thrown, _get, _returned, _dict, _item, _attribute, _attribute, _attribute, _attribute,
)  # fmt: skip


def sync_kept(s: Scope) -> Lines:
    """Results of several inferences, kept without a copy."""
    f = s.facts
    kept, frames, out = f.fresh("kept"), f.fresh("frames"), s.any_output()
    feed = frame_feed(s)
    lines = [f"{frames} = [{', '.join(s.array(0, value) for value in (1, 2, 3))}]", f"{kept} = []"]
    f.count("bound to a local name")
    call = infer_call(s, feed)
    form = f.source.randrange(3)
    if form == 0:
        lines += block(f"for frame in {frames}:", [f"res = {call}", f"{kept}.append(res[{out}])"])
    elif form == 1:
        lines[1] = f"{kept} = [{call}[{out}] for frame in {frames}]"
    else:
        lines += block(f"for frame in {frames}:", [f"{kept}.append({call})"])
        return [*lines, f"print(json.dumps([res[{out}].tolist() for res in {kept}]))"]
    return [*lines, f"print(json.dumps([array.tolist() for array in {kept}]))"]


def frame_feed(s: Scope, frame: str = "frame") -> str:
    """A dict with `frame` as the first input and arrays for the others."""
    items = [f"{s.inputs[0]}: {frame}"]
    items += [f"{name}: {s.array(index, 2)}" for index, name in enumerate(s.inputs[1:], 1)]
    return "{" + ", ".join(items) + "}"


def request_sync(s: Scope) -> Lines:
    """Inference on a request; outputs read at once or kept over the next run."""
    f = s.facts
    request, out = f.fresh("request"), s.any_output()
    lines = [f"{request} = {s.request()}"]
    f.count("`infer(…)` all")
    f.count("`request.infer(…)`")
    array = s.out(request, out)
    first = f.pick((f"{request}.infer({s.feed(1)})", f"{request}.infer(inputs={s.feed(1)})"))
    if f.chance(0.4):
        return [*lines, first, s.show("request", array)]
    kept = f.fresh("first")
    lines += [first, f"{kept} = {array}", f"{request}.infer({s.feed(3)})"]
    return [*lines, s.show("kept", kept), s.show("second", s.out(request, out))]


def input_buffers(s: Scope) -> Lines:
    """Inputs written into the buffers of a request."""
    f = s.facts
    request, out = f.fresh("request"), s.any_output()
    lines = [f"{request} = {s.request()}"]
    for index, name in enumerate(s.inputs):
        if f.is_old:
            target = f"{request}.inputs[{name}]"
        else:
            f.count("`request.input_blobs`")
            f.count("`.buffer`")
            target = f"{request}.input_blobs[{name}].buffer"
        if f.chance(0.3):
            view = f.fresh("view")
            lines += [f"{view} = {target}", f"{view}[:] = {s.array(index, 2)}"]
        else:
            lines.append(f"{target}[{f.pick((':', '...'))}] = {s.array(index, 2)}")
    lines += [f"{request}.infer()", s.show("buffers", s.out(request, out))]
    return lines


def partial(s: Scope) -> Lines:
    """A second inference that gives only some inputs, or none: the others keep what they had."""
    f = s.facts
    res, out = f.fresh("res"), s.any_output()
    inputs, x = f.fresh("inputs"), f.fresh("x")
    lines = [f"{x} = {s.array(0, 1)}", f"{inputs} = {frame_feed(s, x)}", infer_call(s, inputs)]
    if f.chance(0.5):
        lines.append(f"{x}[:] = 0")
    some = [] if len(s.inputs) == 1 or f.chance(0.5) else [f.source.randrange(len(s.inputs))]
    second = s.feed(4, some) if some else f.pick(("", "{}"))
    lines.append(f"{res} = {s['exec']}.infer({second})")
    return [*lines, s.show("partial", f"{res}[{out}]")]


def waited(s: Scope, request: str, body: Lines) -> Lines:
    """Waits for a request and does `body` when it is ready."""
    f = s.facts
    f.count("`request.wait(…)`")
    form = f.source.randrange(8)
    if form == 0:
        f.count("… bare `wait()`")
        return [f"{request}.wait()", *body]
    if form == 1:
        f.count("… bare `wait(-1)`")
        return [f"{request}.wait(-1)", *body]
    if form in (2, 3):
        f.count("… `x = wait(-1)`")
        status = f.fresh("status")
        return [f"{status} = {request}.wait({f.pick(('', '-1'))})", *block(f"if {status} == 0:", body)]
    if form == 4:
        f.count("… `wait(0) == 0` (polling)")
        f.use("time")
        return [*block(f"while {request}.wait(0) != 0:", ["time.sleep(0.001)"]), *body]
    if form == 5 and f.generation in ("2021", "2022"):
        f.ie("StatusCode")
        return block(f"if {request}.wait() == {f.prefix}StatusCode.OK:", body)
    test, holds = f.source.choice(_TESTS)
    f.count("… `wait(-1) == 0`")
    if holds:
        return block(f"if {test.format(r=request)}:", body)
    return [*block(f"if {test.format(r=request)}:", ["print('failed')"]), *block("else:", body)]


def start_async(s: Scope) -> Lines:
    """`exec_net.start_async` and a wait for it."""
    f = s.facts
    out = s.any_output()
    number = f.source.randrange(f.requests)
    f.count("`start_async(…)`")
    if f.chance(0.8):
        f.count("… `request_id=, inputs=`")
        call = f"{s['exec']}.start_async(request_id={number}, inputs={s.feed(2)})"
    else:
        call = f"{s['exec']}.start_async({number}, {s.feed(2)})"
    if f.chance(0.35):
        handle = f.pick(("infer_request_handle", "handle", "async_request"))
        return [f"{handle} = {call}", *waited(s, handle, [s.show("handle", s.out(handle, out))])]
    request = s.request(number)
    return [call, *waited(s, request, [s.show("async", s.out(s.request(number), out))])]


def async_infer(s: Scope) -> Lines:
    f = s.facts
    request, out = f.fresh("request"), s.any_output()
    f.count("`request.async_infer(…)`")
    call = f.pick((f"{request}.async_infer({s.feed(3)})", f"{request}.async_infer(inputs={s.feed(3)})"))
    return [f"{request} = {s.request()}", call, *waited(s, request, [s.show("async_infer", s.out(request, out))])]


def all_requests(s: Scope) -> Lines:
    """All requests started, then all waited for."""
    f = s.facts
    kept, out = f.fresh("answers"), s.any_output()
    requests = s["requests"] if s.has("requests") and f.chance(0.8) else f"{s['exec']}.requests"
    f.count("`exec_net.requests`")
    f.count("`request.async_infer(…)`")
    frame = f"{s.array(0, 2)} + index"
    body = [f"request.async_infer({frame_feed(s, frame)})"]
    lines = [f"{kept} = []", *block(f"for index, request in enumerate({requests}):", body)]
    lines += block(f"for request in {requests}:", waited(s, "request", [f"{kept}.append({s.out('request', out)})"]))
    return [*lines, f"print(json.dumps([array.tolist() for array in {kept}]))"]


def ping_pong(s: Scope) -> Lines:
    """Two requests that take turns."""
    f = s.facts
    if f.requests < 2:
        return start_async(s)
    kept, frames, out = f.fresh("kept"), f.fresh("frames"), s.any_output()
    f.count("`start_async(…)`")
    f.count("… `request_id=, inputs=`")
    cur, nxt = f.pick(("cur_request_id", "cur_id")), f.pick(("next_request_id", "next_id"))
    requests = s["requests"] if s.has("requests") and f.chance(0.5) else f"{s['exec']}.requests"
    body = [f"{s['exec']}.start_async(request_id={nxt}, inputs={frame_feed(s)})"]
    if f.chance(0.2):
        f.count("`request.async_infer(…)`")
        body = [f"{requests}[{nxt}].async_infer({frame_feed(s)})"]
    array = s.out(f"{requests}[{cur}]", out)
    body += waited(s, f"{requests}[{cur}]", [f"{kept}.append({array})"])
    body.append(f"{cur}, {nxt} = {nxt}, {cur}")
    lines = [f"{frames} = [{', '.join(s.array(0, value) for value in (1, 2, 3, 4))}]", f"{kept} = []"]
    lines += [f"{cur}, {nxt} = 0, 1" if f.chance(0.5) else f"{cur} = 0\n{nxt} = 1"]
    lines = [part for line in lines for part in line.split("\n")]
    lines.append(f"{s['exec']}.start_async(request_id={cur}, inputs={frame_feed(s, frames + '[0]')})")
    lines += block(f"for frame in {frames}[1:]:", body)
    lines += waited(s, f"{requests}[{cur}]", [f"{kept}.append({s.out(f'{requests}[{cur}]', out)})"])
    return [*lines, f"print(json.dumps([array.tolist() for array in {kept}]))"]


def perf_counts(s: Scope) -> Lines:
    f = s.facts
    f.count("`get_perf_counts`")
    counts = f.fresh("perf_counts")
    lines = [f"{s['exec']}.infer({s.feed(1)})", f"{counts} = {s.request()}.get_perf_counts()"]
    loop = block(f"for layer, stats in {counts}.items():", ["total += stats['real_time'] * 0"])
    return [*lines, "total = 0", *loop, "print(json.dumps(total))"]


def set_batch(s: Scope) -> Lines:
    """A dynamic batch, for devices that have it."""
    f = s.facts
    f.count("`request.set_batch`")
    request, option = f.fresh("request"), f.fresh("dynamic")
    lines = [f"{request} = {s.request()}", f"{option} = False", *block(f"if {option}:", [f"{request}.set_batch(1)"])]
    return [*lines, f"{request}.infer({s.feed(2)})", s.show("batch", s.out(request, s.any_output()))]


def latency(s: Scope) -> Lines:
    f = s.facts
    f.count("`request.latency`")
    request = s.request()
    return [f"{s['exec']}.infer({s.feed(1)})", f"print(json.dumps({request}.latency >= 0))"]


RUNS = [
    (sync, 8), (sync_kept, 3), (request_sync, 3), (input_buffers, 2), (partial, 1), (start_async, 5), (async_infer, 3),
    (all_requests, 2), (ping_pong, 3), (perf_counts, 1), (latency, 0.6), (set_batch, 0.4),
]  # fmt: skip

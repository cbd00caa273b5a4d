"""The parts of a random program that keep several requests going: callbacks, idle requests, threads."""

from __future__ import annotations

from fuzzing.running import frame_feed, start_async, waited
from fuzzing.scope import Lines, Scope, block


def callbacks(s: Scope) -> Lines:
    """Completion callbacks on each request, told apart by what is given as data."""
    f = s.facts
    if f.release == "2021.4.2":  # There a request may be waited for while its callback still runs.
        return start_async(s)
    f.count("`set_completion_callback`")
    answers, done = f.fresh("answers"), f.fresh("done")
    out = s.any_output()
    requests = s["requests"] if s.has("requests") else f"{s['exec']}.requests"
    lines = [f"{answers} = {{}}", ""]
    form = f.source.randrange(4)
    if form == 0:
        data, test = "request", f.pick(("if status == 0:", "if status != 0:\n    return", ""))
        body = [f"{answers}[len({answers})] = {s.out(data, out)}"]
    elif form == 1:
        data, test = "index", f.pick(("if status == 0:", ""))
        body = [f"{answers}[index] = {s.out(f'{requests}[index]', out)}"]
    elif form == 2:
        data, test = "data", ""
        body = ["index, request = data", f"{answers}[index] = {s.out('request', out)}.copy()"]
    else:
        data, test = "_", ""
        body = [f"{answers}[len({answers})] = status"]
    if test.endswith("return"):
        body = [*test.split("\n"), *body]
    elif test:
        body = block(test, body)
    lines += [*block(f"def {done}(status, {data}):", body), ""]
    given = {0: "request", 1: "index", 2: "(index, request)", 3: "None"}[form]
    call = f.pick((f"({done}, {given})", f"(py_callback={done}, py_data={given})", f"({done}, py_data={given})"))
    if form == 3 and f.chance(0.5):
        call = f"({done})"
    loop = [f"request.set_completion_callback{call}"]
    start = f"request.async_infer({frame_feed(s, f'{s.array(0, 2)} + index')})"
    f.count("`request.async_infer(…)`")
    f.count("`exec_net.requests`")
    if f.chance(0.5):
        lines += block(f"for index, request in enumerate({requests}):", [*loop, start])
    else:
        lines += block(f"for index, request in enumerate({requests}):", loop)
        lines += block(f"for index, request in enumerate({requests}):", [start])
    lines += block(f"for request in {requests}:", [f.pick(("request.wait()", "request.wait(-1)"))])
    if form == 3:
        return [*lines, f"print(json.dumps(sorted({answers}.items())))"]
    return [*lines, f"print(json.dumps(sorted(float(array.sum()) for array in {answers}.values())))"]


def idle_ids(s: Scope) -> Lines:
    """Frames given to whichever request is idle."""
    f = s.facts
    if f.release == "2021.4.2":
        return start_async(s)
    for idiom in ("`get_idle_request_id()`", "`start_async(…)`", "… `request_id=, inputs=`", "`exec_net.wait(…)`"):
        f.count(idiom)
    answers, out, number = f.fresh("answers"), s.any_output(), f.pick(("request_id", "idle_id"))
    frames = f"[{', '.join(s.array(0, value) for value in (1, 2, 3, 4, 5))}]"
    lines = [f"{answers} = {{}}"]
    execution = s["exec"]
    has_callback = f.chance(0.5)
    if has_callback:
        done, requests = f.fresh("done"), f"{execution}.requests"
        f.count("`set_completion_callback`")
        # The frame's number reaches the callback through its data.
        lines += ["", *block(f"def {done}(status, data):", [f"{answers}[data[0]] = {s.out('data[1]', out)}"]), ""]
    code = f"{f.prefix}{f.ie('StatusCode').rpartition('.')[2]}.OK"
    wait = [f"{number} = {execution}.get_idle_request_id()"]
    again = [
        *([f"status = {execution}.wait(num_requests=1)"] if f.chance(0.6) else [f"status = {execution}.wait(1)"]),
        *block(f"if status != {code}:", ["raise RuntimeError('wait failed')"]),
        f"{number} = {execution}.get_idle_request_id()",
    ]
    body = [*wait, *block(f"if {number} {f.pick(('< 0', '== -1'))}:", again)]
    if has_callback:
        body.append(f"{requests}[{number}].set_completion_callback({done}, (index, {requests}[{number}]))")
    body.append(f"{execution}.start_async(request_id={number}, inputs={frame_feed(s)})")
    lines += block(f"for index, frame in enumerate({frames}):", body)
    lines.append(f"{execution}.wait()")
    if has_callback:
        return [*lines, f"print(json.dumps([array.tolist() for _, array in sorted({answers}.items())]))"]
    return [*lines, "print('done')"]


def threads(s: Scope) -> Lines:
    """One thread for each request."""
    f = s.facts
    f.use("concurrent.futures", "ThreadPoolExecutor")
    out, work, pool = s.any_output(), f.fresh("work"), f.fresh("pool")
    f.count("`request.infer(…)`")
    feed = frame_feed(s, f"{s.array(0, 2)} + index")
    body = [f"request = {s['exec']}.requests[index]", f"request.infer({feed})", f"return {s.out('request', out)}"]
    lines = ["", *block(f"def {work}(index):", body), ""]
    answers = f.fresh("answers")
    collect = f"{answers} = list({pool}.map({work}, range({f.requests})))"
    if f.chance(0.4):
        collect = f"{answers} = [job.result() for job in [{pool}.submit({work}, i) for i in range({f.requests})]]"
    lines += block(f"with ThreadPoolExecutor({f.requests}) as {pool}:", [collect])
    return [*lines, f"print(json.dumps([array.tolist() for array in {answers}]))"]


def wait_all(s: Scope) -> Lines:
    """All requests started by number, waited for at once."""
    f = s.facts
    f.count("`exec_net.wait(…)`")
    f.count("`start_async(…)`")
    out, kept = s.any_output(), f.fresh("kept")
    feed = frame_feed(s, s.array(0, 3) + " + index")
    start = f"{s['exec']}.start_async({f.pick(('index, ', 'request_id=index, inputs=', 'index, inputs='))}{feed})"
    lines = block(f"for index in range({f.requests}):", [start])
    wait = f"{s['exec']}.wait"
    test = f.pick((f"{wait}()", f"assert {wait}() == 0", f"status = {wait}(num_requests={f.requests})"))
    lines.append(test)
    outs = ", ".join(s.out(f"{s['exec']}.requests[{i}]", out) for i in range(f.requests))
    return [*lines, f"{kept} = [{outs}]", f"print(json.dumps([array.tolist() for array in {kept}]))"]


def flagged(s: Scope) -> Lines:
    """Ping-pong where the first round reads a request that was never started."""
    f = s.facts
    if f.requests < 2:
        return start_async(s)
    kept, out = f.fresh("kept"), s.any_output()
    f.count("`start_async(…)`")
    frames = f"[{', '.join(s.array(0, value) for value in (1, 2, 3))}]"
    lines = [f"{kept} = []", "cur, nxt, is_first = 0, 1, True"]
    current = f"{s['exec']}.requests[cur]"
    read = waited(s, current, [f"{kept}.append({s.out(current, out)})"])
    body = [f"{s['exec']}.start_async(request_id=nxt, inputs={frame_feed(s)})"]
    body += block("if not is_first:", read)
    body += ["is_first = False", "cur, nxt = nxt, cur"]
    return [
        *lines,
        *block(f"for frame in {frames}:", body),
        f"{s['exec']}.requests[cur].wait()",
        f"print(json.dumps([array.tolist() for array in {kept}]))",
    ]


def set_blob(s: Scope) -> Lines:
    """A blob made of an array, which may be written to afterwards."""
    f = s.facts
    index = f.source.randrange(len(s.inputs))
    element = {"f16": "f32"}.get(f.types[index], f.types[index])
    dtype = {"f32": "float32", "i64": "int64", "i32": "int32", "u8": "uint8"}[element]
    precision = {"f32": "FP32", "i64": "I64", "i32": "I32", "u8": "U8"}[element]
    layout = {1: "C", 2: "NC", 3: "CHW", 4: "NCHW", 5: "NCDHW"}[len(f.shapes[index])]
    request, x, blob, out = f.fresh("request"), f.fresh("x"), f.fresh("blob"), s.any_output()
    f.count("`set_blob`")
    desc = f"{f.ie('TensorDesc')}('{precision}', {list(f.shapes[index])}, '{layout}')"
    lines = [f"{request} = {s.request()}"]
    others = [i for i in range(len(s.inputs)) if i != index]
    if others:
        lines.append(f"{request}.infer({s.feed(1)})")
    lines.append(f"{x} = np.full({f.shapes[index]}, 2, dtype=np.{dtype})")
    if f.chance(0.5):
        lines += [f"desc = {desc}", f"{blob} = {f.ie('Blob')}(desc, {x})"]
    else:
        lines.append(f"{blob} = {f.ie('Blob')}({desc}, {x})")
    lines.append(
        f"{request}.set_blob({f.pick(('', 'blob_name='))}{s.inputs[index]}, {blob})".replace(
            f", {blob})", f", blob={blob})"
        )
        if f.chance(0.3)
        else f"{request}.set_blob({s.inputs[index]}, {blob})"
    )
    lines += [f"{request}.infer()", s.show("blob", s.out(request, out))]
    if f.chance(0.5):
        lines += [
            f.pick((f"{x}[:] = 3", f"{blob}.buffer[:] = 3", f"{x} += 1")),
            f"{request}.infer()",
            s.show("again", s.out(request, out)),
        ]
    return lines


MORE_RUNS = [(callbacks, 4), (idle_ids, 2), (threads, 1), (wait_all, 1.5), (flagged, 1), (set_blob, 1.5)]

from argus_runtime import tracing


def test_a_child_continues_the_trace_under_an_id_of_its_own():
    parent = tracing.new()
    child = tracing.child(parent)

    assert child.split("-")[1] == parent.split("-")[1]
    assert child.split("-")[2] != parent.split("-")[2]


def test_what_is_no_trace_begins_a_new_one():
    for broken in (None, "", "00-xyz-1-01", "00-" + "0" * 31):
        assert tracing.FORM.fullmatch(tracing.child(broken))


def test_a_trace_is_found_among_headers():
    trace = tracing.new()

    assert tracing.of([("origin", b"x"), ("traceparent", trace.encode())]) == trace
    assert tracing.of([("traceparent", b"\xff")]) is None
    assert tracing.of([("traceparent", None)]) is None
    assert tracing.of([]) is None


def test_the_current_trace_is_continued():
    trace = tracing.new()
    token = tracing.current.set(trace)
    try:
        [(name, value)] = tracing.continued([])
    finally:
        tracing.current.reset(token)

    assert name == "traceparent"
    assert value.decode().split("-")[1] == trace.split("-")[1]

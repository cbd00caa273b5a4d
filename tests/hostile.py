"""Files that tools come to grief over, each with what is to become of it."""

import json
from dataclasses import dataclass

LEGACY = 'from openvino.inference_engine import IECore\n\nie = IECore()\nnet = ie.read_network("a.xml")\n'
NEW = 'from openvino import Core\n\nie = Core()\nnet = ie.read_model("a.xml")\n'
OLD_BYTES, NEW_BYTES = LEGACY.encode(), NEW.encode()


@dataclass(frozen=True)
class Case:
    """A file's content, and what it is to be afterwards: `after` if it is migrated, else as it was. `says` stands in
    the one line about it; empty for a file that nothing is to be said of."""

    name: str
    data: bytes
    after: bytes | None = None
    says: str = ""

    @property
    def wanted(self) -> bytes:
        return self.data if self.after is None else self.after

    @property
    def code(self) -> int:
        return 2 if self.says else 0


def _changed(name: str, head: bytes = b"", tail: bytes = b"", ends: bytes = b"\n") -> Case:
    """The program is migrated between a head and a tail that stay."""
    old, new = (text.replace(b"\n", ends) for text in (OLD_BYTES, NEW_BYTES))
    return Case(name, head + old + tail, head + new + tail)


def _kept(name: str, says: str, head: bytes = b"", tail: bytes = b"") -> Case:
    return Case(name, head + OLD_BYTES + tail, says=says)


_MIXED = b"from openvino.inference_engine import IECore\r\n\nie = IECore()\rnet = ie.read_network('a')\r\nx = 1\n"
# What is put between lines ends as the first one of the file does.
_PUT_IN = (
    b"from openvino.inference_engine import IECore\nie = IECore()\r\nnet = ie.read_network('a')\r\n"
    b"e = ie.load_network(net, 'CPU', num_requests=2)\r\ne.start_async(1, {'a': 1})\r\ne.requests[1].wait()\r\n"
)
_PUT_IN_AFTER = (
    b"from openvino import Core\nie = Core()\r\nnet = ie.read_model('a')\r\n"
    b"e = ie.compile_model(net, 'CPU')\ninfer_requests = [e.create_infer_request() for _ in range(2)]\r\n"
    b"infer_requests[1].start_async({'a': 1})\r\ninfer_requests[1].wait()\r\n"
)

PROGRAMS = (
    _changed("byte_order_mark", head=b"\xef\xbb\xbf"),
    _changed("byte_order_mark_and_cookie", head=b"\xef\xbb\xbf# coding: utf-8\n"),
    _changed("crlf", tail=b"s = '''a\nb\r\nc'''\r\n", ends=b"\r\n"),
    _changed("cr_only", ends=b"\r"),
    _changed("cr_cr_lf", ends=b"\r\r\n"),
    Case("mixed_line_ends", _MIXED, _MIXED.replace(b".inference_engine", b"").replace(b"IECore", b"Core").replace(
        b"read_network", b"read_model")),
    Case("mixed_line_ends_and_a_new_line", _PUT_IN, _PUT_IN_AFTER),
    _changed("latin_1_cookie", head=b"# -*- coding: latin-1 -*-\ns = '\xe9'\n"),
    _changed("latin_1_cookie_on_utf_8", head="# -*- coding: latin-1 -*-\ns = 'é'\n".encode()),
    _changed("cookie_on_line_2", head=b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\ns = '\x80'\n"),
    _changed("shift_jis_cookie", head="# coding: shift_jis\ns = '日本語'\n".encode("shift_jis")),
    _changed("stateful_encoding", head="# coding: iso2022_jp\ns = '日本語'\n".encode("iso2022_jp")),
    _changed("form_feed_in_front", head=b"\x0c"),
    _changed("form_feed_between", head=b"x = 1\n\x0c\n"),
    _changed("form_feed_in_a_line", tail=b"x = 1 \x0c+ 2\n"),
    _changed("form_feed_at_the_end", tail=b"\x0c"),
    _changed("controls_in_strings", tail=b"s = 'a\x0cb\x0bc\x1cd'\n"),
    _changed("other_line_ends_in_strings", tail="s = 'a\x85b\u2028c'  # \u2029x\n".encode(), head="# \x85\n".encode()),
    Case("no_newline_at_the_end", OLD_BYTES.rstrip(), NEW_BYTES.rstrip()),
    _changed("comment_without_newline", tail=b"# x"),
    _changed("spaces_at_the_end", tail=b"    "),
    _changed("blank_lines_at_the_end", tail=b"\n   \n\t\n\n"),
    _changed("backslash_before_an_empty_line", tail=b"x = 1 \\\n\n"),
    _changed("tabs", tail=b"if x:\n\ty = 1\n\tif y:\n\t\tz = 1\n"),
    _changed(
        "tabs_below_spaces",
        tail=b"if x:\n    if y:\n\t    z = '''\n\ta'''\n"
        b"\t    if z:\n\t        z = 1\n    x = 2\n",
    ),
    _changed("tabs_below_spaces_crlf", tail=b"if x:\r\n    if y:\r\n\t    z = 1\r\n    x = 2\r\n\r\n", ends=b"\r\n"),
    _changed("two_indentations", tail=b"if x:\n  y = 1\nif y:\n\tz = 1\n"),
    _changed("await_outside_a_function", tail=b"await x\n"),
    _changed("does_not_compile", tail=b"return 1\n"),
    Case("empty", b""),
    Case("only_a_byte_order_mark", b"\xef\xbb\xbf"),
    Case("only_a_newline", b"\r\n"),
    Case("only_a_form_feed", b"\x0c"),
    Case("only_a_word", b"# inference_engine IECore"),
    Case("utf_16", LEGACY.encode("utf-16")),
    Case("random_bytes", bytes(range(256)) * 8),
    _kept("syntax_error", "does not parse: line 5, column", tail=b"if\n"),
    _kept("python_2", "does not parse: line 5, column 1: Missing parentheses", tail=b"print 'x'\n"),
    _kept("name_that_became_a_keyword", "keyword since Python 3.7: rename it", tail=b"if args.async:\n    x = 1\n"),
    _kept("unclosed_bracket", "does not parse: line 6, column", tail=b"x = 1\nf(\n"),
    _kept("unclosed_string", "does not parse: line 5, column", tail=b"s = '''abc\n"),
    _kept("odd_dedent", "does not parse: line 7, column", tail=b"if x:\n        a\n    b\n"),
    _kept("tabs_and_spaces", "does not parse: line 7, column", tail=b"if x:\n\ta\n        b\n"),
    _kept("backslash_at_the_end", "does not parse: line 5, column", tail=b"x = 1 \\"),
    _kept("merge_conflict", "does not parse: line 5, column", tail=b"<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b\n"),
    _kept("bad_utf_8", "cannot be decoded: line 6: byte 0xff is no utf-8", tail=b"\ns = '\xff'\n"),
    _kept("bad_utf_8_in_line_1", "cannot be decoded: line 1: byte 0xff is no utf-8", head=b"# \xff\n"),
    _kept("bad_utf_8_in_cr_lines", "cannot be decoded: line 6: byte 0xed", tail=b"\rs = '\xed\xa0\x80'\r"),
    _kept("cookie_that_lies", "cannot be decoded: line 2: byte 0xe9", head=b"# coding: ascii\ns = '\xe9'\n"),
    _kept("mark_and_cookie_differ", "cannot be decoded: encoding problem", head=b"\xef\xbb\xbf# coding: latin-1\n"),
    _kept("unknown_cookie", "cannot be decoded: unknown encoding: klingon", head=b"# coding: klingon\n"),
    _kept("cookie_that_is_no_text", "cannot be decoded: 'rot13' is not a text encoding", head=b"# coding: rot13\n"),
    _kept("cookie_that_always_fails", "cannot be decoded: decoding with 'undefined'", head=b"# coding: undefined\n"),
    _kept("punycode_cookie", "cannot be decoded: ", head=b"# coding: punycode\n"),
    _kept("utf_7_cookie", "cannot be decoded: the encoding utf-7 would not give", head=b"# coding: utf-7\n# '+AOk-'\n"),
    _kept("utf_16_cookie", "cannot be decoded: ", head=b"# coding: utf-16\n"),
    _kept("ebcdic_cookie", "cannot be decoded: the encoding cp037 would not give", head=b"# coding: cp037\n"),
    _kept("escapes_cookie", "cannot be decoded: ", head=b"# coding: unicode_escape\ns = '\\xe9'\n"),
    Case("utf_16_and_utf_8", LEGACY.encode("utf-16") + OLD_BYTES, says="cannot be decoded: line 1: byte 0xff"),
    _kept("nul_in_code", "does not parse: line 5: Python takes no NUL", tail=b"x = '\0'\n"),
    _kept("nul_in_a_comment", "does not parse: line 1: Python takes no NUL", head=b"# \0\n"),
    _kept("nul_at_the_end", "does not parse: line 5: Python takes no NUL", tail=b"\0\0\0"),
    _kept("escape_that_is_none", "does not parse: line 5, column", tail=b"s = '\\ut_info'\n"),
    _kept("control_z", "does not parse: line 5, column 1", tail=b"\x1a"),
    _kept("no_break_space", "does not parse: line 5, column", tail=b"x\xc2\xa0= 1\n"),
    _kept("mark_inside", "does not parse: line 5, column", tail=b"\xef\xbb\xbfx = 1\n"),
    _kept("two_marks", "line 1 would not come back byte for byte", head=b"\xef\xbb\xbf\xef\xbb\xbf"),
    _kept("form_feed_before_code", "line 5 would not come back byte for byte", tail=b"\x0cx = 1\n"),
    _kept("form_feed_in_an_indent", "line 7 would not come back", tail=b"if x:\n    a = 1\n\x0c    b = 1\n"),
    _kept("too_many_brackets", "line 5, column 205: too many nested parentheses", tail=b"x = " + b"(" * 5000 + b"\n"),
)  # fmt: skip


def notebook(*cells: str, **changes: object) -> bytes:
    """A notebook as Jupyter writes it."""
    code = [
        {
            "cell_type": "code", "execution_count": None, "id": f"c{number}", "metadata": {}, "outputs": [],
            "source": text.splitlines(keepends=True),
        }
        for number, text in enumerate(cells)
    ]  # fmt: skip
    content = {"cells": code, "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **changes}
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


_GOOD, _GOOD_AFTER = notebook(LEGACY, "x = 'é'"), notebook(NEW, "x = 'é'")
_OUTPUT = {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo" * 300_000, "n": list(range(50_000))}}


def _with_output(data: bytes) -> bytes:
    return data.replace(b'"outputs": []', b'"outputs": [' + json.dumps(_OUTPUT).encode() + b"]", 1)


NOTEBOOKS = (
    Case("good", _GOOD, _GOOD_AFTER),
    Case("byte_order_mark", b"\xef\xbb\xbf" + _GOOD, b"\xef\xbb\xbf" + _GOOD_AFTER),
    Case("crlf", _GOOD.replace(b"\n", b"\r\n"), _GOOD_AFTER.replace(b"\n", b"\r\n")),
    Case("cr_only", _GOOD.replace(b"\n", b"\r"), _GOOD_AFTER.replace(b"\n", b"\r")),
    Case("no_newline_at_the_end", _GOOD.rstrip(), _GOOD_AFTER.rstrip()),
    Case("huge_output", _with_output(_GOOD), _with_output(_GOOD_AFTER)),
    Case("empty", b""),
    Case("only_a_byte_order_mark", b"\xef\xbb\xbf"),
    Case("empty_object", b"{}"),
    Case("utf_16", _GOOD.decode().encode("utf-16")),
    Case("cell_that_is_no_python", notebook(LEGACY, "if"), notebook(NEW, "if")),
    Case("cell_with_a_nul", notebook(LEGACY, "x = '\0'"), notebook(NEW, "x = '\0'")),
    Case("deep_cell", notebook(LEGACY, "x = 1\ny = a" + ".a" * 1200), says="cell 2, line 2: is nested too deeply"),
    Case("half_a_surrogate_pair", notebook(LEGACY, "x = 'HALF'").replace(b"HALF", rb"\ud800"), says="surrogate"),
    Case("half_a_pair_in_an_output", notebook(LEGACY).replace(b"[]", rb'["\ud800"]', 1),
         notebook(NEW).replace(b"[]", rb'["\ud800"]', 1)),
    Case("carriage_return_in_a_cell", notebook(LEGACY, "x = 1\r\n"), says="carriage returns"),
    Case("bad_utf_8", _GOOD.replace("é".encode(), b"\xe9"), says="cannot be decoded: "),
    Case("cut_off", _GOOD[: len(_GOOD) // 2], says="is no JSON: "),
    Case("two_values", _GOOD + _GOOD, says="is no JSON: "),
    Case("not_json", OLD_BYTES, says="is no JSON: "),
    Case("merge_conflict", b"<<<<<<< HEAD\n" + _GOOD, says="is no JSON: "),
    Case("comma_too_many", _GOOD.replace(b"\n ]", b",\n ]", 1), says="is no JSON: "),
    Case("nul", _GOOD + b"\0", says="is no JSON: "),
    Case("deep", b'{"x": ' + b"[" * 100_000 + _GOOD, says="is nested too deeply"),
    Case("list", b"[" + _GOOD + b"]", says="is no notebook of format 4"),
    Case("string", b'"IECore inference_engine"', says="is no notebook of format 4"),
    Case("cells_are_no_list", notebook(LEGACY, cells=LEGACY), says="is no notebook of format 4"),
    Case("format_3", json.dumps({"worksheets": [{"cells": [{"cell_type": "code", "input": LEGACY}]}],
         "nbformat": 3}).encode(), says="is no notebook of format 4"),
    Case("cells_are_no_cells", notebook(LEGACY, cells=[None, 3, "x", [], {"source": LEGACY}])),
    Case("same_key_twice", notebook(LEGACY).replace(b'"source"', b'"source": 3, "source"'),
         notebook(NEW).replace(b'"source"', b'"source": 3, "source"')),
)  # fmt: skip

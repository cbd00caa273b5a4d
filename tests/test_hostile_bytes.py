"""Programs with bytes changed at random: nothing escapes, and what was Python stays Python."""

import ast
import random
import warnings
from pathlib import Path

import pytest

from ov_migrate.migrate import migrate_bytes
from ov_migrate.settings import Settings

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
BATCHES, PER_BATCH, SEED = 8, 25, 2024
_PIECES = (
    b"\0", b"\r", b"\x0c", b"\xff", b"\xef\xbb\xbf", b"(", b")", b"'", b'"""', b"\\", b"\n", b"\t", b"#", b";", b":",
    b"=", b" ie ", b"IECore", b"net", b"async ", b"lambda: ", b"*", b"[", b"}", b"\xc3\xa9", b"%", b" if x else ",
)  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The data with one to four pieces put in, taken out, doubled, moved or overwritten."""
    for _ in range(chance.randint(1, 4)):
        if not data:
            break
        at, size = chance.randrange(len(data)), chance.choice((1, 1, 3, 20, 200))
        piece, rest = data[at : at + size], data[at + size :]
        to = chance.randrange(len(data))
        data = chance.choice((
            data[:at] + chance.choice(_PIECES) + data[at:],
            data[:at] + rest,
            data[:at] + piece + piece + rest,
            data[:at] + chance.choice(_PIECES) + rest,
            data[:to] + piece + data[to:],
        ))  # fmt: skip
    return data


def is_python(data: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data)
    except (SyntaxError, ValueError):
        return False
    return True


@pytest.mark.parametrize("batch", range(BATCHES))
def test_bytes_at_random(batch: int) -> None:
    chance = random.Random(f"{SEED} {batch}")
    programs = sorted(FIXTURES.glob("*/before.py"))
    for _ in range(PER_BATCH):
        program = chance.choice(programs)
        data = mutated(program.read_bytes(), chance)
        run, after = migrate_bytes("a.py", data, Settings())
        assert not [record for record in run.files if "please report" in record.error.lower()], (program, data)
        if after != data and is_python(data):
            assert is_python(after), (program, data)

"""Reads the model that py3langid brings.

Its own reader keeps 95 MB and takes 125 MB while it reads: here the logarithms are in steps in place of floats, and
nothing is there twice.
"""

from __future__ import annotations

import lzma
from array import array
from collections.abc import Iterator
from importlib.resources import files
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import Any
from zipfile import ZipFile

import numpy as np

from maild.language.model import STEPS, Model, States

_FILE = "data/model.npz.xz"  # of py3langid 0.4
_LEAST = -15.0  # below what any run of bytes has
_AT_ONCE = 1 << 18  # values

_Array = np.ndarray[Any, Any]


def load_model() -> Model:
    """Takes half a second. Raises ModuleNotFoundError without py3langid; OSError, ValueError, LookupError."""
    with TemporaryFile(suffix=".npz") as unpacked:  # 68 MB
        with files("py3langid").joinpath(_FILE).open("rb") as packed, lzma.open(packed) as source:
            copyfileobj(source, unpacked, 1 << 20)
        with ZipFile(unpacked) as arrays:
            columns = _whole(arrays, "classes").tolist()
            languages = sorted(set(columns))
            after, block = _in_blocks(arrays, "nextmove")
            return Model(
                languages=languages,
                language=np.array([languages.index(each) for each in columns]),
                before=_whole(arrays, "pc"),
                likely=_in_steps(arrays, len(columns)),
                states=States(
                    after=after,
                    block=block,
                    row=array("I", (_whole(arrays, "nextmove_row").astype(np.uint32) << 4).tobytes()),
                    run=array("i", _whole(arrays, "out_feat").astype(np.int32).tobytes()),
                ),
            )


def _whole(arrays: ZipFile, name: str) -> _Array:
    with arrays.open(f"{name}.npy") as source:
        found: _Array = np.lib.format.read_array(source, allow_pickle=False)
        return found


def _pieces(arrays: ZipFile, name: str) -> Iterator[_Array]:
    """The values of an array, some at a time."""
    with arrays.open(f"{name}.npy") as source:
        np.lib.format.read_magic(source)
        _, _, kind = np.lib.format.read_array_header_1_0(source)
        while piece := source.read(_AT_ONCE * kind.itemsize):
            yield np.frombuffer(piece, kind)


def _in_blocks(arrays: ZipFile, name: str) -> tuple[array[int], array[int]]:
    """Blocks of 16 values, each kept once, and where each one begins: a seventh of what there is.

    In arrays of Python's: they are read value by value, at which numpy is slow.
    """
    places: dict[bytes, int] = {}
    begins = array("I")
    for piece in _pieces(arrays, name):
        plain = piece.astype(np.uint32).tobytes()
        blocks = [plain[at : at + 64] for at in range(0, len(plain), 64)]
        begins.extend([places.setdefault(block, len(places) << 4) for block in blocks])
    return array("I", b"".join(places)), begins


def _in_steps(arrays: ZipFile, columns: int) -> _Array:
    steps = bytearray()
    for piece in _pieces(arrays, "ptc"):
        steps += ((piece.astype(np.float32) - _LEAST) * STEPS).round().astype(np.uint8).tobytes()
    return np.frombuffer(steps, np.uint8).reshape(-1, columns)

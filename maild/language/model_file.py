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
            return Model(
                languages=languages,
                language=np.array([languages.index(each) for each in columns]),
                before=_whole(arrays, "pc"),
                likely=_in_steps(arrays, len(columns)),
                states=States(
                    after=_in_pieces(arrays, "nextmove"),
                    row=array("I", (_whole(arrays, "nextmove_row").astype(np.uint32) << 8).tobytes()),
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


def _in_pieces(arrays: ZipFile, name: str) -> array[int]:
    """As an array of Python's: it is read value by value, at which numpy is slow."""
    found = array("I")
    for piece in _pieces(arrays, name):
        found.frombytes(piece.astype(np.uint32).tobytes())
    return found


def _in_steps(arrays: ZipFile, columns: int) -> _Array:
    steps = bytearray()
    for piece in _pieces(arrays, "ptc"):
        steps += ((piece.astype(np.float32) - _LEAST) * STEPS).round().astype(np.uint8).tobytes()
    return np.frombuffer(steps, np.uint8).reshape(-1, columns)

"""The IDX format, in which MNIST is published: sizes, then bytes; nothing in it can run.

Source: LeCun, Cortes and Burges 1998, "The MNIST database of handwritten digits".
"""

from __future__ import annotations

import gzip
import lzma
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


def read_idx(path: str | Path) -> NDArray[np.uint8]:
    """The array of bytes in a file of IDX format, plain or compressed (``.gz``, ``.xz``).

    Args:
        path: of the file.

    Returns:
        As many axes as the file says; images are (N, H, W), labels (N,).

    Raises:
        ValueError: it is damaged, cut short, or something else; the message names the file.
        FileNotFoundError: there is none.
    """
    path = Path(path)
    opened = {".gz": gzip.open, ".xz": lzma.open}.get(path.suffix, open)
    try:
        with opened(path, "rb") as file:
            data = file.read()
    except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error) as error:
        raise ValueError(f"{path} is damaged or cut short ({error}); get it anew") from None
    if len(data) < 4 or data[:3] != b"\0\0\x08" or len(data) < 4 + 4 * data[3]:
        raise ValueError(
            f"{path} is no IDX file of bytes: it begins with {data[:4].hex(' ') or 'nothing'}, not "
            "with 00 00 08 and the number of axes"
        )
    shape = tuple(np.frombuffer(data, ">i4", count=data[3], offset=4).tolist())
    start, promised = 4 + 4 * data[3], math.prod(shape)
    if min(shape, default=0) < 0 or len(data) - start != promised:
        raise ValueError(
            f"{path} says that it holds {' x '.join(map(str, shape))} = {promised} bytes, but has "
            f"{len(data) - start}; it is damaged or cut short: get it anew"
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def write_idx(path: str | Path, array: NDArray[np.uint8]) -> None:
    """Write an array of bytes in IDX format; compressed where the name ends in ``.xz``."""
    path = Path(path)
    header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    data = header + np.ascontiguousarray(array, np.uint8).tobytes()
    if path.suffix == ".xz":
        data = lzma.compress(data, preset=9 | lzma.PRESET_EXTREME)
    path.write_bytes(data)

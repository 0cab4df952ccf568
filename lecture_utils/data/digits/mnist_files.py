"""The digits that come with the package, and those of a folder with MNIST's four files."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lecture_utils.data.check import integer
from lecture_utils.data.digits.idx import read_idx, write_idx

SPLITS = ("train", "dev", "test")
COUNTS = {"train": 10_000, "dev": 1_000, "test": 5_000}
"""How many digits of each split come with the package."""

OURS = Path(__file__).parent / "mnist"
_NAMES = {"train": "train", "dev": "train", "test": "t10k"}
"""Which of MNIST's two files a split is taken from."""


class Digits(NamedTuple):
    """Pictures of digits, and which digits they are.

    Attributes:
        images: (N, 1, 28, 28), floats from 0, paper, to 1, ink.
        digits: (N,), integers from 0 to 9.
    """

    images: Tensor
    digits: Tensor

    def first(self, count: int) -> Self:
        """The first `count` of them, no more than there are."""
        if integer("count", count, 1) > len(self.digits):
            raise ValueError(f"count is {count}; there are {len(self.digits)} digits")
        return self._replace(images=self.images[:count], digits=self.digits[:count])


def load(split: str = "train", folder: str | Path | None = None) -> Digits:
    """The digits of a split.

    Args:
        split: "train", "dev" (chooses) or "test" (judges).
        folder: None for what comes with the package, see `COUNTS`. Or a folder with the four IDX
            files of MNIST, or of a data set of the same format, such as Fashion-MNIST; it may be
            the `root` of `torchvision.datasets.MNIST`. Then train is all of the training file but
            its last twelfth, dev that twelfth, and test the whole test file: 55,000, 5,000 and
            10,000 digits. The package's are among them, split by split.

    Raises:
        ValueError: another split, a folder without the files, files that do not belong together.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {SPLITS}; got {split!r}")
    if folder is None:
        images, labels = (read_idx(OURS / f"{split}-{part}.xz") for part in ("images", "labels"))
    else:
        images, labels = _part(split, *_pair(Path(folder), _NAMES[split]))
    pictures = torch.from_numpy(images.astype(np.float32) / 255).unsqueeze(1)
    return Digits(pictures, torch.from_numpy(labels.astype(np.int64)))


def pack(folder: str | Path, to: str | Path, counts: dict[str, int] | None = None) -> None:
    """Make what comes with the package from all of MNIST: digits at equal distances, none chosen.

    Args:
        folder: as `load` takes it.
        to: the folder to write the six files into.
        counts: how many of each split; None for `COUNTS`.
    """
    for split, count in (COUNTS if counts is None else counts).items():
        images, labels = _part(split, *_pair(Path(folder), _NAMES[split]))
        if integer("counts", count, 1) > len(labels):
            raise ValueError(f"counts asks for {count} of {split}; there are {len(labels)}")
        taken = np.arange(count) * len(labels) // count
        write_idx(Path(to) / f"{split}-images.xz", images[taken])
        write_idx(Path(to) / f"{split}-labels.xz", labels[taken])


def _part(
    split: str, images: NDArray[np.uint8], labels: NDArray[np.uint8]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """What of a file belongs to the split."""
    at = len(labels) * 11 // 12
    part = {"train": slice(at), "dev": slice(at, None), "test": slice(None)}[split]
    return images[part], labels[part]


def _pair(folder: Path, name: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images (N, 28, 28) and labels (N,) of one of MNIST's two files."""
    images = read_idx(_find(folder, f"{name}-images", "idx3-ubyte"))
    labels = read_idx(_find(folder, f"{name}-labels", "idx1-ubyte"))
    if images.shape[1:] != (28, 28) or labels.shape != images.shape[:1] or not labels.size:
        raise ValueError(
            f"folder {folder} has {name} images {images.shape} and labels {labels.shape}; "
            "pass a folder with images (N, 28, 28) and as many labels (N,)"
        )
    if labels.max() > 9:
        raise ValueError(f"folder {folder} has a {name} label {labels.max()}; they are 0 to 9")
    return images, labels


def _find(folder: Path, name: str, kind: str) -> Path:
    """The file in the folder, or where torchvision puts it, under any of its usual names."""
    for inside in (folder, folder / "raw", folder / "MNIST" / "raw"):
        for between in ("-", "."):
            for ending in ("", ".gz"):
                path = inside / f"{name}{between}{kind}{ending}"
                if path.is_file():
                    return path
    raise ValueError(
        f"folder {folder} has no {name}-{kind}, nor with .gz; pass a folder with MNIST's four IDX "
        "files. With a network, torchvision.datasets.MNIST(folder, download=True) makes one; "
        "without, load(split) gives the digits that come with the package"
    )

"""CIFAR-10 and CIFAR-100: small photographs of things, read from the files that a reader has.

Nothing of them comes with the package. `load` reads two kinds of folders:

- the *binary version*: a label and 3,072 bytes for each picture, so that nothing in it can run;
- pictures in folders, ``train/<class>/*.png`` and ``test/<class>/*.png``, or JPEG. JPEG loses
  something: pictures from such files say that they are copies.

The *Python version*, which `torchvision.datasets.CIFAR10` downloads, is a pickle: whoever opens one
runs what stands in it. torchvision compares the files with sums of the originals before it does
so; `load` opens none. Who has the data from torchvision passes its arrays to `pictures`.

Source: Krizhevsky 2009, "Learning multiple layers of features from tiny images".
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from lecture_utils.data.check import integer

SPLITS = ("train", "dev", "test")
SIDE = 32
"""Height and width of a picture."""
PIXELS = 3 * SIDE**2
"""Bytes of a picture: red, green and blue, each row by row."""
DEV = 10
"""Of the training pictures of a class the last of so many equal parts are the development set."""
ENDINGS = (".png", ".jpg", ".jpeg")


class Pictures(NamedTuple):
    """Photographs, and what is in them.

    Attributes:
        images: (N, 3, 32, 32), bytes from 0 to 255.
        labels: (N,), integers from 0 on.
        classes: the name of each label.
        source: what was read, "arrays", "binary version", "JPEG copies" or "PNG files".
    """

    images: Tensor
    labels: Tensor
    classes: tuple[str, ...]
    source: str = "arrays"

    def only(self, rows: Tensor) -> Pictures:
        """Those of some rows."""
        return self._replace(images=self.images[rows], labels=self.labels[rows])

    def first(self, count: int) -> Pictures:
        """The first `count` of them, no more than there are."""
        if integer("count", count, 1) > len(self.labels):
            raise ValueError(f"count is {count}; there are {len(self.labels)} pictures")
        return self.only(torch.arange(count))


def pictures(images: Any, labels: Sequence[int] | Any, classes: Sequence[str]) -> Pictures:
    """Pictures from arrays, such as `data`, `targets` and `classes` of torchvision's CIFAR10.

    Args:
        images: (N, 32, 32, 3) or (N, 3, 32, 32), bytes from 0 to 255.
        labels: (N,), integers below the number of classes.
        classes: the name of each label.

    Raises:
        ValueError: no picture, another size, one channel, floats, labels that are not theirs.
    """
    array, names = np.asarray(images), tuple(classes)
    if array.ndim == 4 and array.shape[-1] == 3:
        array = array.transpose(0, 3, 1, 2)
    if array.ndim != 4 or array.shape[1:] != (3, SIDE, SIDE):
        raise ValueError(
            f"images must be (N, {SIDE}, {SIDE}, 3) or (N, 3, {SIDE}, {SIDE}); got "
            f"{np.shape(images)}. Resize pictures of another size, and repeat the channel of grey "
            "ones three times"
        )
    if array.dtype != np.uint8:
        raise ValueError(
            f"images must be bytes from 0 to 255 (uint8); got {array.dtype}: pass floats from 0 to "
            "255 as images.round().astype('uint8'), those from 0 to 1 times 255"
        )
    if not len(array):
        raise ValueError("images holds none; pass at least one picture")
    numbers = np.asarray(labels)
    if numbers.shape != array.shape[:1] or not np.issubdtype(numbers.dtype, np.integer):
        raise ValueError(
            f"labels must be {len(array)} integers, one for each picture; got {numbers.dtype} of "
            f"shape {numbers.shape}"
        )
    if numbers.min() < 0 or numbers.max() >= len(names):
        raise ValueError(
            f"labels must lie between 0 and {len(names) - 1}, for {len(names)} classes; they "
            f"reach from {numbers.min()} to {numbers.max()}"
        )
    contiguous = torch.from_numpy(np.array(array, order="C"))
    return Pictures(contiguous, torch.from_numpy(numbers.astype(np.int64)), names)


def split_off(training: Pictures) -> tuple[Pictures, Pictures]:
    """What trains and what chooses: of every class the last tenth chooses, at least one.

    Raises:
        ValueError: a class has fewer than two pictures.
    """
    chooses = torch.zeros(len(training.labels), dtype=torch.bool)
    for label, name in enumerate(training.classes):
        rows = (training.labels == label).nonzero().flatten()
        if len(rows) < 2:
            raise ValueError(f"{name} has {len(rows)} training pictures; at least 2 are needed")
        chooses[rows[-max(1, len(rows) // DEV) :]] = True
    return training.only((~chooses).nonzero().flatten()), training.only(chooses.nonzero().flatten())


def load(split: str, folder: str | Path) -> Pictures:
    """The pictures of a split.

    Args:
        split: "train", "dev" (chooses) or "test" (judges). Train and dev are of the training
            files, see `split_off`: 45,000 and 5,000 of either data set.
        folder: with the files of the binary version, or the folder in which its archive was
            unpacked; or with the folders train and test of pictures, a folder for each class. Of
            CIFAR-100 the 100 fine classes are read.

    Raises:
        ValueError: another split, a folder with neither, files that are damaged, cut short, empty,
            of another size, of one channel, or do not belong together.
    """
    if split not in SPLITS:
        raise ValueError(f"split must be one of {SPLITS}; got {split!r}")
    folder, file = Path(folder), "test" if split == "test" else "train"
    found = _binary(folder, file) or _folders(folder, file)
    if found is None:
        raise ValueError(_nothing(folder))
    return found if split == "test" else split_off(found)[split == "dev"]


class _Version(NamedTuple):
    """One binary version: where it is unpacked, its files, and how it tells classes."""

    inside: str
    train: tuple[str, ...]
    test: str
    names: str
    before: int
    """Bytes before the pixels; the last one is the label."""


_BINARY = (
    _Version(
        "cifar-10-batches-bin",
        tuple(f"data_batch_{i}.bin" for i in range(1, 6)),
        *("test_batch.bin", "batches.meta.txt", 1),
    ),
    _Version("cifar-100-binary", ("train.bin",), "test.bin", "fine_label_names.txt", 2),
)


def _binary(folder: Path, file: str) -> Pictures | None:
    """The training or the test pictures of a binary version, where one is there."""
    for version in _BINARY:
        for place in (folder, folder / version.inside):
            if any((place / name).is_file() for name in (*version.train, version.test)):
                joined = _records(place, version)[file]
                images = joined[:, version.before :].reshape(-1, 3, SIDE, SIDE)
                labels, classes = joined[:, version.before - 1], _names(place, version)
                return _told(place, images, labels, classes)._replace(source="binary version")
    return None


def _records(place: Path, version: _Version) -> dict[str, NDArray[np.uint8]]:
    """The pictures to train and to test with, a row each: its labels, and its pixels."""
    parts = [_rows(place / name, version.before + PIXELS) for name in version.train]
    found = {"train": np.concatenate(parts), "test": _rows(place / version.test, parts[0].shape[1])}
    if len(found["train"]) != 5 * len(found["test"]):
        raise ValueError(
            f"folder {place} has {len(found['train'])} training pictures and {len(found['test'])} "
            "to test, where there should be five times as many; a file is cut short: unpack the "
            "archive anew"
        )
    return found


def _rows(path: Path, size: int) -> NDArray[np.uint8]:
    """A file as rows of so many bytes."""
    if not path.is_file():
        raise ValueError(
            f"{path} is not there, but others of its files are; unpack the archive anew"
        )
    data = np.fromfile(path, np.uint8)
    if not len(data) or len(data) % size:
        raise ValueError(
            f"{path} has {len(data)} bytes, which are no pictures of {size}; it is empty, damaged "
            "or cut short: unpack the archive anew"
        )
    return data.reshape(-1, size)


def _names(place: Path, version: _Version) -> tuple[str, ...]:
    """The classes of a binary version."""
    path = place / version.names
    if not path.is_file():
        raise ValueError(f"{path} is not there; it tells the classes: unpack the archive anew")
    return tuple(path.read_text(encoding="ascii", errors="replace").split())


def _folders(folder: Path, file: str) -> Pictures | None:
    """The training or the test pictures of folders, a class each, where they are there."""
    inside = {one: _classes(folder / one) for one in ("train", "test")}
    if not any(inside.values()):
        return None
    if inside["train"] != inside["test"]:
        raise ValueError(
            f"folder {folder} has other classes in train, {inside['train']}, than in test, "
            f"{inside['test']}; pass one with the same folders in both"
        )
    read: list[Path] = []
    labels: list[int] = []
    for label, name in enumerate(inside[file]):
        paths = sorted(p for p in (folder / file / name).iterdir() if p.name[0] != ".")
        if not paths:
            raise ValueError(
                f"{folder / file / name} is empty; put the pictures of its class there"
            )
        read += paths
        labels += [label] * len(paths)
    images = [_pixels(path) for path in read]
    copies = any(path.suffix.lower() != ".png" for path in read)
    source = "JPEG copies" if copies else "PNG files"
    return pictures(np.stack(images), labels, inside[file])._replace(source=source)


def _classes(folder: Path) -> tuple[str, ...]:
    """The folders in a folder, none where it is not there."""
    inside = folder.iterdir() if folder.is_dir() else ()
    return tuple(sorted(one.name for one in inside if one.is_dir() and one.name[0] != "."))


def _pixels(path: Path) -> NDArray[np.uint8]:
    """One picture (32, 32, 3)."""
    if path.suffix.lower() not in ENDINGS:
        raise ValueError(f"{path} is no picture; its folder may hold {', '.join(ENDINGS)} alone")
    try:
        with Image.open(path) as image:
            if image.mode != "RGB":
                raise ValueError(
                    f"{path} has the channels {'+'.join(image.getbands())}, not red, green and "
                    "blue; convert it by PIL's Image.convert('RGB')"
                )
            if image.size != (SIDE, SIDE):
                width, height = image.size
                raise ValueError(
                    f"{path} is {height} x {width}, and all pictures must be {SIDE} x {SIDE}; "
                    f"resize it by PIL's Image.resize(({SIDE}, {SIDE}))"
                )
            return np.asarray(image)
    except (UnidentifiedImageError, OSError, SyntaxError) as error:
        raise ValueError(f"{path} is damaged or cut short ({error}); get it anew") from None


def _told(
    place: Path, images: NDArray[np.uint8], labels: NDArray[np.uint8], names: tuple[str, ...]
) -> Pictures:
    """Pictures of files; what is wrong with them is said of the folder."""
    try:
        return pictures(images, labels, names)
    except ValueError as error:
        raise ValueError(f"folder {place} holds what is no such data set: {error}") from None


def _nothing(folder: Path) -> str:
    """What to do about a folder in which nothing was found."""
    pickles = [folder, folder / "cifar-10-batches-py", folder / "cifar-100-python"]
    if any((one / name).is_file() for one in pickles for name in ("data_batch_1", "train")):
        return (
            f"folder {folder} has the Python version, pickles, of which none is opened. Unpack the "
            "binary version there (cifar-10-binary.tar.gz, cifar-100-binary.tar.gz), or pass the "
            "data, targets and classes of torchvision's dataset to lecture_utils.data.cifar."
            "pictures"
        )
    return (
        f"folder {folder} has neither the binary version (data_batch_1.bin, or train.bin of "
        "CIFAR-100, from cifar-10-binary.tar.gz or cifar-100-binary.tar.gz) nor folders "
        "train/<class> and test/<class> with pictures; pass one that has"
    )

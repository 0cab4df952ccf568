"""The digits: what comes with the package, a folder of IDX files, and files that are none."""

from __future__ import annotations

import gzip
import hashlib
import lzma
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision

from lecture_utils.data import digits
from lecture_utils.data.digits.idx import read_idx, write_idx
from lecture_utils.data.digits.mnist_files import OURS

SHA256 = {
    "train": "d751dbc16c604e50e4421b989386fa5249dcbdf6c8f733b94f0625bc43697e4d",
    "dev": "8621b99dc11847fcdfd138aa27d3aaa01ce32f6ef9ce87daa8920ad49104f4d1",
    "test": "a51e2d3dd51e45c9b4d3696ea77423669135a941d6f9dd0601b1f25118d2faeb",
}
"""Of the pictures' files, unpacked."""


@pytest.mark.parametrize("split", digits.SPLITS)
def test_what_comes_with_the_package(split):
    images, labels = digits.load(split)
    count = digits.COUNTS[split]
    assert images.shape == (count, 1, 28, 28)
    assert images.dtype == torch.float32
    assert (images.min(), images.max()) == (0, 1)
    assert labels.shape == (count,)
    assert labels.dtype == torch.int64
    shares = labels.bincount(minlength=10) / count
    assert len(shares) == 10
    assert shares.min() > 0.07
    assert shares.max() < 0.13
    unpacked = lzma.decompress((OURS / f"{split}-images.xz").read_bytes())
    assert hashlib.sha256(unpacked).hexdigest() == SHA256[split]


def test_they_are_mnist_s_own_in_its_order():
    assert digits.load("train").digits[:5].tolist() == [5, 2, 5, 2, 9]  # 0, 5, 11, 16, 22
    assert digits.load("test").digits[:5].tolist() == [7, 1, 4, 4, 5]  # every second one


def test_each_digit_has_its_centre_of_mass_in_the_middle():
    """So MNIST was made, and so a drawing must be before a model sees it."""
    images = digits.load("dev").images[:, 0]
    ink = images.sum(dim=(1, 2))
    for axis in (1, 2):
        at = (images.sum(dim=3 - axis) * torch.arange(28)).sum(dim=1) / ink
        assert (at - 13.5).abs().max() < 1.1


def test_a_label_is_its_picture_s():
    """The nearest mean of a class is right far more often than chance, with each split's labels."""
    images, labels = digits.load("train")
    means = torch.stack([images[labels == i].mean(dim=0).flatten() for i in range(10)])
    for split in digits.SPLITS:
        images, labels = digits.load(split)
        nearest = torch.cdist(images.flatten(1), means).argmin(dim=1)
        assert (nearest == labels).float().mean() > 0.75


def test_they_are_small():
    size = sum(path.stat().st_size for path in OURS.iterdir())
    assert size <= 2_500_000


def folder_of(path: Path, training: int = 60, test: int = 12, ending: str = "") -> Path:
    """MNIST's four files, with random pictures, where torchvision puts them."""
    inside = path / "MNIST" / "raw"
    inside.mkdir(parents=True)
    made = np.random.default_rng(0)
    for name, count in (("train", training), ("t10k", test)):
        pictures = made.integers(0, 256, (count, 28, 28), np.uint8)
        for part, array in (
            ("images-idx3", pictures),
            ("labels-idx1", made.integers(0, 10, count, np.uint8)),
        ):
            header = struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
            data = header + array.tobytes()
            data = gzip.compress(data) if ending == ".gz" else data
            (inside / f"{name}-{part}-ubyte{ending}").write_bytes(data)
    return path


@pytest.mark.parametrize("ending", ["", ".gz"])
def test_a_folder_is_read_as_torchvision_reads_it(tmp_path, ending):
    folder_of(tmp_path / "plain")
    folder = folder_of(tmp_path / "other", ending=ending)
    parts = [digits.load(split, folder) for split in digits.SPLITS]
    assert [len(part.digits) for part in parts] == [55, 5, 12]
    for train, ours in ((True, parts[:2]), (False, parts[2:])):
        theirs = torchvision.datasets.MNIST(str(tmp_path / "plain"), train=train)
        images = torch.cat([part.images for part in ours])
        assert torch.equal((images[:, 0] * 255).round().byte(), theirs.data)
        assert torch.equal(torch.cat([part.digits for part in ours]), theirs.targets)
        tensor = torchvision.transforms.functional.to_tensor(theirs[3][0])
        torch.testing.assert_close(images[3], tensor, rtol=0, atol=1e-7)


def test_the_package_s_are_made_from_a_folder(tmp_path):
    folder, to = folder_of(tmp_path / "root"), tmp_path / "packed"
    to.mkdir()
    digits.pack(folder, to, {"train": 10, "dev": 5, "test": 6})
    whole = digits.load("train", folder)
    taken = [0, 5, 11, 16, 22, 27, 33, 38, 44, 49]
    packed = read_idx(to / "train-images.xz")
    assert torch.equal(torch.from_numpy(packed / np.float32(255)), whole.images[taken, 0])
    assert read_idx(to / "train-labels.xz").tolist() == whole.digits[taken].tolist()
    assert read_idx(to / "test-labels.xz").tolist() == (
        digits.load("test", folder).digits[::2].tolist()
    )
    with pytest.raises(ValueError, match="counts asks for 6 of dev; there are 5"):
        digits.pack(folder, to, {"dev": 6})


def test_what_is_written_is_read(tmp_path):
    for array in (np.arange(6, dtype=np.uint8), np.arange(24, dtype=np.uint8).reshape(2, 3, 4)):
        for name in ("a.idx", "a.xz"):
            write_idx(tmp_path / name, array)
            assert np.array_equal(read_idx(tmp_path / name), array)


GOOD = struct.pack(">4BI", 0, 0, 8, 1, 4) + b"\1\2\3\4"


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("cut", GOOD[:-1], "says that it holds 4 = 4 bytes, but has 3; it is damaged"),
        ("long", GOOD + b"\0", "but has 5"),
        ("short", GOOD[:6], "is no IDX file of bytes: it begins with 00 00 08 01"),
        ("empty", b"", "begins with nothing"),
        ("pickle", b"\x80\x04\x95abc", "is no IDX file of bytes: it begins with 80 04 95"),
        ("floats", b"\0\0\x0d\1" + GOOD[4:], "is no IDX file of bytes"),
        ("vast", struct.pack(">4B3I", 0, 0, 8, 3, *[2**31 - 1] * 3), "but has 0"),
        ("negative", struct.pack(">4Bi", 0, 0, 8, 1, -1), "damaged or cut short"),
        ("cut.gz", gzip.compress(GOOD, mtime=0)[:-6], "is damaged or cut short"),
        ("other.gz", GOOD, "is damaged or cut short"),
        ("cut.xz", lzma.compress(GOOD)[:-8], "is damaged or cut short"),
        ("other.xz", GOOD, "is damaged or cut short"),
    ],
)
def test_a_file_that_is_none_is_refused_by_name(tmp_path, name, data, says):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ValueError, match=rf"{name}.*{says}"):
        read_idx(tmp_path / name)


def test_a_folder_without_the_files_says_how_to_get_them(tmp_path):
    with pytest.raises(ValueError, match=r"folder .* has no train-images-idx3-ubyte.*torchvision"):
        digits.load("train", tmp_path)
    folder = folder_of(tmp_path / "root")
    labels = folder / "MNIST" / "raw" / "train-labels-idx1-ubyte"
    write_idx(labels, np.zeros(59, np.uint8))
    with pytest.raises(ValueError, match=r"train images \(60, 28, 28\) and labels \(59,\)"):
        digits.load("dev", folder)
    write_idx(labels, np.full(60, 10, np.uint8))
    with pytest.raises(ValueError, match="has a train label 10; they are 0 to 9"):
        digits.load("train", folder)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match=r"split must be one of \('train', 'dev', 'test'\)"):
        digits.load("valid")
    some = digits.load("dev").first(3)
    assert len(some.images) == len(some.digits) == 3
    for wrong in (0, 4, 2.0, True):
        with pytest.raises(ValueError, match="count is"):
            some.first(wrong)

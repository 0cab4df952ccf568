"""CIFAR: the binary version, folders of pictures, arrays, and files that are none of them."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image

from lecture_utils.data import cifar

MADE = np.random.default_rng(0)
TEN = ("airplane", "bird")


def photographs(count: int) -> np.ndarray:
    """Bytes (N, 32, 32, 3) that no compression would leave as they are."""
    return MADE.integers(0, 256, (count, 32, 32, 3), np.uint8)


def binary(folder: Path, hundred: bool = False, each: int = 4) -> dict[str, np.ndarray]:
    """The files of a binary version, with `each` pictures in a tenth, written byte by byte."""
    folder.mkdir(parents=True)
    names = ["train.bin"] if hundred else [f"data_batch_{i}.bin" for i in range(1, 6)]
    wanted = {}
    for split, files in (("train", names), ("test", ["test.bin" if hundred else "test_batch.bin"])):
        count = (5 if hundred and split == "train" else 1) * each
        images = [photographs(count) for _ in files]
        for name, part in zip(files, images, strict=True):
            data = b""
            for i, image in enumerate(part):
                label = bytes([9, i % 2]) if hundred else bytes([i % 2])
                data += label + image[..., 0].tobytes() + image[..., 1].tobytes()
                data += image[..., 2].tobytes()
            (folder / name).write_bytes(data)
        wanted[split] = np.concatenate(images)
    told = "fine_label_names.txt" if hundred else "batches.meta.txt"
    (folder / told).write_text("\n".join(TEN) + "\n\n")
    return wanted


def folders(folder: Path, ending: str = "png", count: int = 3) -> dict[str, np.ndarray]:
    """Pictures in folders."""
    wanted = {}
    for split in ("train", "test"):
        images = photographs(2 * count)
        for i, image in enumerate(images):
            at = folder / split / TEN[i // count] / f"{i:04}.{ending}"
            at.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(image).save(at)
        wanted[split] = images
    return wanted


@pytest.mark.parametrize("hundred", [False, True])
@pytest.mark.parametrize("inside", [False, True])
def test_the_binary_version_is_read(tmp_path, hundred, inside):
    name = "cifar-100-binary" if hundred else "cifar-10-batches-bin"
    wanted = binary(tmp_path / name, hundred)
    folder = tmp_path if inside else tmp_path / name
    test = cifar.load("test", folder)
    assert test.images.dtype == torch.uint8
    assert np.array_equal(test.images.permute(0, 2, 3, 1), wanted["test"])
    assert test.labels.tolist() == [0, 1, 0, 1]
    assert test.classes == TEN
    assert test.source == "binary version"
    train, dev = cifar.load("train", folder), cifar.load("dev", folder)
    assert (len(train.labels), len(dev.labels)) == (18, 2)
    assert np.array_equal(train.images.permute(0, 2, 3, 1), wanted["train"][:18])
    assert np.array_equal(dev.images.permute(0, 2, 3, 1), wanted["train"][18:])


@pytest.mark.parametrize(
    ("ending", "source"), [("png", "PNG files"), ("jpg", "JPEG copies"), ("JPEG", "JPEG copies")]
)
def test_folders_are_read(tmp_path, ending, source):
    wanted = folders(tmp_path, ending)
    (tmp_path / "train" / TEN[0] / ".hidden").write_text("not looked at")
    test = cifar.load("test", tmp_path)
    assert (test.classes, test.source) == (TEN, source)
    assert test.labels.tolist() == [0, 0, 0, 1, 1, 1]
    same = np.array_equal(test.images.permute(0, 2, 3, 1), wanted["test"])
    assert same == (ending == "png"), "JPEG loses something"
    dev = cifar.load("dev", tmp_path)
    assert dev.labels.tolist() == [0, 1]
    assert torchvision.datasets.ImageFolder(tmp_path / "test").classes == list(TEN)


def test_what_chooses_is_the_last_tenth_of_each_class():
    labels = torch.arange(60) % 2
    all_of = cifar.pictures(photographs(60), labels, TEN)
    train, dev = cifar.split_off(all_of)
    assert torch.equal(torch.cat([train.images, dev.images[:0]]), all_of.images[:54])
    assert torch.equal(dev.images, all_of.images[54:])
    assert dev.labels.bincount().tolist() == [3, 3]
    with pytest.raises(ValueError, match="bird has 1 training pictures"):
        cifar.split_off(cifar.pictures(photographs(3), [0, 0, 1], TEN))


def test_the_arrays_of_torchvision_are_taken(tmp_path, monkeypatch):
    """Its own reader of the Python version, which checks sums, gives what `pictures` takes."""
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "_check_integrity", lambda self: True)
    monkeypatch.setattr(torchvision.datasets.cifar, "check_integrity", lambda path, md5: True)
    folder, wanted = tmp_path / "cifar-10-batches-py", photographs(4)
    folder.mkdir()
    rows = wanted.transpose(0, 3, 1, 2).reshape(4, -1)
    with (folder / "test_batch").open("wb") as file:
        pickle.dump({"data": rows, "labels": [0, 1, 1, 0]}, file)
    with (folder / "batches.meta").open("wb") as file:
        pickle.dump({"label_names": list(TEN)}, file)
    theirs = torchvision.datasets.CIFAR10(tmp_path, train=False)
    ours = cifar.pictures(theirs.data, theirs.targets, theirs.classes)
    assert np.array_equal(ours.images.permute(0, 2, 3, 1), wanted)
    assert ours.labels.tolist() == [0, 1, 1, 0]
    assert torch.equal(cifar.pictures(ours.images, ours.labels, TEN).images, ours.images)


def test_no_pickle_is_opened(tmp_path):
    class Runs:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "it ran",))

    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    with (folder / "data_batch_1").open("wb") as file:
        pickle.dump(Runs(), file)
    with pytest.raises(ValueError, match=r"pickles, of which none is opened.*cifar-10-binary"):
        cifar.load("train", tmp_path)
    assert not (tmp_path / "it ran").exists()


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((2, 28, 28, 3), np.uint8), [0, 1], r"Resize pictures of another size"),
        (np.zeros((2, 32, 32, 1), np.uint8), [0, 1], r"got \(2, 32, 32, 1\).*repeat the channel"),
        (np.zeros((32, 32, 3), np.uint8), [0], r"images must be \(N, 32, 32, 3\)"),
        (np.zeros((2, 32, 32, 3)), [0, 1], r"bytes.*got float64: pass floats from 0 to 255 as"),
        (np.zeros((0, 32, 32, 3), np.uint8), [], "images holds none"),
        (photographs(2), [0], r"labels must be 2 integers.*shape \(1,\)"),
        (photographs(2), [0.0, 1.0], "labels must be 2 integers.*float64"),
        (photographs(2), [0, 2], "between 0 and 1, for 2 classes; they reach from 0 to 2"),
        (photographs(2), [-1, 0], "they reach from -1 to 0"),
    ],
)
def test_other_arrays_are_refused(images, labels, message):
    with pytest.raises(ValueError, match=message):
        cifar.pictures(images, labels, TEN)


@pytest.mark.parametrize("hundred", [False, True])
def test_damaged_binary_files_are_refused(tmp_path, hundred):
    binary(tmp_path / "a", hundred)
    first = tmp_path / "a" / ("train.bin" if hundred else "data_batch_1.bin")
    whole, size = first.read_bytes(), 3074 if hundred else 3073
    for data in (b"", whole[:-1], whole + b"x"):
        first.write_bytes(data)
        with pytest.raises(ValueError, match=f"{first.name} has {len(data)} bytes, which are no"):
            cifar.load("train", tmp_path / "a")
    first.write_bytes(whole[:-size])
    with pytest.raises(ValueError, match=r"19 training pictures and 4 to test.*cut short"):
        cifar.load("train", tmp_path / "a")
    first.write_bytes(b"\7" * size + whole[size:])
    with pytest.raises(ValueError, match=r"a holds what is no such data set.*reach from 0 to 7"):
        cifar.load("train", tmp_path / "a")
    first.unlink()
    with pytest.raises(ValueError, match=f"{first.name} is not there"):
        cifar.load("test", tmp_path / "a")
    first.write_bytes(whole)
    (tmp_path / "a" / ("fine_label_names.txt" if hundred else "batches.meta.txt")).unlink()
    with pytest.raises(ValueError, match="it tells the classes"):
        cifar.load("test", tmp_path / "a")


def test_pictures_of_another_kind_are_refused(tmp_path):
    folders(tmp_path)
    at = tmp_path / "train" / TEN[1] / "0009.png"

    def refused(message: str) -> None:
        with pytest.raises(ValueError, match=message):
            cifar.load("train", tmp_path)

    Image.new("L", (32, 32)).save(at)
    refused("0009.png has the channels L, not red.*convert")
    Image.new("RGBA", (32, 32)).save(at)
    refused("channels R.G.B.A")
    Image.new("RGB", (32, 30)).save(at)
    refused("0009.png is 30 x 32.*resize")
    at.write_bytes(b"")
    refused("0009.png is damaged or cut short")
    at.unlink()
    other = next((tmp_path / "train" / TEN[0]).iterdir())
    other.write_bytes(other.read_bytes()[:2000])
    refused(f"{other.name} is damaged or cut short")
    other.unlink()
    (tmp_path / "train" / TEN[0] / "notes.txt").write_text("x")
    refused("notes.txt is no picture")


def test_folders_that_do_not_belong_together_are_refused(tmp_path):
    folders(tmp_path)
    for path in (tmp_path / "test" / TEN[1]).iterdir():
        path.unlink()
    with pytest.raises(ValueError, match="bird is empty"):
        cifar.load("test", tmp_path)
    (tmp_path / "test" / TEN[1]).rmdir()
    with pytest.raises(ValueError, match="other classes in train"):
        cifar.load("train", tmp_path)
    with pytest.raises(ValueError, match="neither the binary version"):
        cifar.load("test", tmp_path / "train")
    with pytest.raises(ValueError, match="neither the binary version"):
        cifar.load("test", tmp_path / "nowhere")
    with pytest.raises(ValueError, match="split must be one of"):
        cifar.load("valid", tmp_path)


def test_the_first_few():
    some = cifar.pictures(photographs(4), [0, 1, 1, 0], TEN)
    assert torch.equal(some.first(2).images, some.images[:2])
    assert some.first(3).labels.tolist() == [0, 1, 1]
    with pytest.raises(ValueError, match="count is 5; there are 4"):
        some.first(5)

"""Fetching the published bAbI files: from archives made here, never from the network."""

from __future__ import annotations

import hashlib
import io
import tarfile

import pytest

from lecture_utils.data import babi
from lecture_utils.data.babi import archive as published
from tests.data.test_babi import REAL, needs_files


def packed(path, files):
    with tarfile.open(path, "w:gz") as made:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return path.as_uri()


@pytest.fixture
def contents(monkeypatch):
    files = {name: name.encode() for name in published.file_names()}
    digest = hashlib.sha256(b"".join(files.values())).hexdigest()
    monkeypatch.setattr(published, "SHA256", digest)
    return {f"{published.INSIDE}/{name}": content for name, content in files.items()}


def test_the_forty_files_are_written(tmp_path, contents):
    others = {"tasks_1-20_v1-2/LICENSE.txt": b"x", "tasks_1-20_v1-2/hn/qa1_x_train.txt": b"y"}
    url = packed(tmp_path / "a.tar.gz", {**others, **contents})
    folder = babi.download(tmp_path / "new" / "babi", url)
    assert sorted(file.name for file in folder.iterdir()) == sorted(published.file_names())
    name = published.file_names()[7]
    assert (folder / name).read_bytes() == contents[f"{published.INSIDE}/{name}"]


def refused(tmp_path, url, message):
    with pytest.raises(ValueError, match=message):
        babi.download(tmp_path / "out", url)
    assert not (tmp_path / "out").exists()


def test_other_contents_are_refused(tmp_path, contents):
    contents[next(iter(contents))] += b" "
    url = packed(tmp_path / "a.tar.gz", contents)
    refused(tmp_path, url, "other files than the published ones: checksum")


def test_a_missing_file_is_named(tmp_path, contents):
    contents.popitem()
    url = packed(tmp_path / "a.tar.gz", contents)
    refused(tmp_path, url, "lacks .*qa20_agents-motivations_test.txt")


@pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "tasks_1-20_v1-2/../../evil.txt"])
def test_a_path_that_climbs_out_is_refused(tmp_path, contents, name):
    url = packed(tmp_path / "a.tar.gz", {**contents, name: b"x"})
    refused(tmp_path, url, "a path that leads out of it: .*evil.txt")
    assert not list(tmp_path.rglob("evil.txt"))


def test_a_damaged_archive_is_refused(tmp_path, contents):
    packed(tmp_path / "a.tar.gz", contents)
    whole = (tmp_path / "a.tar.gz").read_bytes()
    (tmp_path / "half.tar.gz").write_bytes(whole[: len(whole) // 2])
    refused(tmp_path, (tmp_path / "half.tar.gz").as_uri(), "is damaged or no archive")


def test_an_address_that_cannot_be_reached_is_said(tmp_path):
    with pytest.raises(OSError, match=r"cannot be reached .* pass its address as url"):
        babi.download(tmp_path, (tmp_path / "nothing.tar.gz").as_uri())


@needs_files
def test_the_checksum_is_that_of_the_published_files():
    data = b"".join((REAL / name).read_bytes() for name in published.file_names())
    assert hashlib.sha256(data).hexdigest() == published.SHA256

"""Fetch the published files, for those who are online; nothing in the book needs it."""

from __future__ import annotations

import hashlib
import io
import tarfile
import urllib.request
from pathlib import Path, PurePosixPath

from lecture_utils.data.babi.stories import TASKS

ARCHIVE = "https://s3.amazonaws.com/text-datasets/babi_tasks_1-20_v1-2.tar.gz"
INSIDE = "tasks_1-20_v1-2/en"
SHA256 = "50dcf8fd8d121e6b7a8be62060dc3f7a830a054276c25844895fe0c3c1c691d6"
"""Of the forty files one after the other: task 1 train, task 1 test, task 2 train, ..."""


def file_names() -> list[str]:
    """The names of the forty files, by task, training before test."""
    return [f"qa{n}_{name}_{part}.txt" for n, name in TASKS.items() for part in ("train", "test")]


def download(folder: str | Path, url: str = ARCHIVE) -> Path:
    """Write the forty English files of the 1k set into a folder, and give its path.

    The data are by Weston et al. 2015, arXiv:1502.05698; as far as we know under CC BY 3.0.

    Args:
        folder: is made where it is missing. Files that are there are written anew.
        url: of the archive ``tasks_1-20_v1-2.tar.gz``; a ``file:`` address will do.

    Raises:
        OSError: the address cannot be reached.
        ValueError: the archive is damaged, holds a path that leads out of it, lacks a file, or is
            not the published one. Nothing is written then.
    """
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            data = answer.read()
    except OSError as error:
        raise OSError(
            f"{url} cannot be reached ({error}); get tasks_1-20_v1-2.tar.gz in another way and "
            "pass its address as url='file:///...'"
        ) from error
    files = _unpacked(data, url)
    found = hashlib.sha256(b"".join(files.values())).hexdigest()
    if found != SHA256:
        raise ValueError(f"{url} holds other files than the published ones: checksum {found[:12]}…")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def _unpacked(data: bytes, url: str) -> dict[str, bytes]:
    """The forty files of an archive, by name; nothing is written."""
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                path = PurePosixPath(member.name)
                if path.is_absolute() or ".." in path.parts:
                    raise ValueError(f"{url} holds a path that leads out of it: {member.name!r}")
                if f"{path.parent}" == INSIDE and member.isfile():
                    files[path.name] = archive.extractfile(member).read()  # type: ignore[union-attr]
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ValueError(f"{url} is damaged or no archive: {error}") from error
    missing = [name for name in file_names() if name not in files]
    if missing:
        raise ValueError(f"{url} lacks {INSIDE}/{missing[0]} and {len(missing) - 1} more")
    return {name: files[name] for name in file_names()}

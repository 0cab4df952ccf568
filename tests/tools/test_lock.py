from __future__ import annotations

import re
from pathlib import Path

import lock
import pytest

ROOT = Path(__file__).resolve().parents[2]


def package(name: str, version: str = "1", *needs: str, python: str = "") -> dict:
    return {
        "name": name,
        "version": version,
        "requires_dist": list(needs),
        "requires_python": python,
    }


def test_the_stated_requirements_leave_out_the_lock_and_the_words(tmp_path: Path) -> None:
    (tmp_path / "requirements-book.txt").write_text(
        "-c requirements-lock.txt\na==1  # why\n", "utf-8"
    )
    (tmp_path / "requirements.txt").write_text(
        "-r requirements-book.txt\n\n# b\nb[x]==2\n", "utf-8"
    )
    assert lock.stated(tmp_path) == ["a==1", "b[x]==2"]


def test_this_project_s_files_can_be_read() -> None:
    assert "torch" in {re.split(r"\W", line)[0] for line in lock.stated()}
    assert re.fullmatch(r"3\.\d+\.0", lock.oldest_python())
    head, lines = lock.read((ROOT / lock.LOCK).read_text(encoding="utf-8"))
    assert all(line.startswith("#") for line in head)
    assert lines["torch"]
    assert list(lines) == sorted(lines)


def test_what_the_oldest_python_cannot_install_is_resolved_again() -> None:
    asked = []

    def report(requirements: list[str]) -> list[dict]:
        asked.append(requirements)
        newest = "b<3" not in requirements
        return [
            package("a", "1", "b"),
            package("b", "3" if newest else "2", python=">=3.11.5" * newest),
        ]

    found = lock.resolve(["a==1"], "3.11.0", report)
    assert [one["version"] for one in found] == ["1", "2"]
    assert asked == [["a==1"], ["a==1", "b<3"]]


def test_a_pin_that_the_oldest_python_cannot_install_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a-b 1 needs more than Python 3\.11\.0"):
        lock.resolve(["A_b==1"], "3.11.0", lambda _: [package("a-b", python=">=3.12")])


def test_the_lock_follows_needs_and_the_extras_that_are_asked_for() -> None:
    found = [
        package(
            "A_b", "1", "c[x]>=1", "test-only; extra == 'test'", "Colour; sys_platform == 'win32'"
        ),
        package("c", "2", "d; extra == 'x'", "e; extra == 'y'"),
        package("d", "3", "a.b"),
        package("e", "4"),
        package("test-only", "5"),
    ]
    before = {"colour": "6", "gone": "7"}
    lines = lock.lock(found, ["a-b==1"], before)
    assert list(lines.items()) == [("a-b", "1"), ("c", "2"), ("colour", "6"), ("d", "3")]


def test_what_only_one_system_needs_for_torch_is_left_to_torch() -> None:
    found = [
        package(
            "torch",
            "2",
            "sympy",
            "cuda>=13; platform_system == 'Linux'",
            "triton==3; python_version < '3.15'",
        ),
        package("sympy"),
        package("cuda", "13", "cuda-more"),
        package("cuda-more"),
        package("triton"),
    ]
    assert set(lock.lock(found, ["torch==2"], {"cuda": "12"})) == {"torch", "sympy"}


def test_the_lock_is_written_with_its_head_and_nothing_but_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nrequires-python = ">=3.11"\n', "utf-8")
    (tmp_path / "requirements-book.txt").write_text("", "utf-8")
    (tmp_path / "requirements.txt").write_text("b==2\n", "utf-8")
    (tmp_path / lock.LOCK).write_text("# One.\n# Two.\nb==1\ngone==1\n", "utf-8")
    found = [{**package("b", "2", "a @ https://somewhere/a.whl"), "download_info": "https://x"}]
    monkeypatch.setattr(lock, "resolve", lambda *_: [*found, package("a", "3")])
    lock.main(tmp_path)
    assert (tmp_path / lock.LOCK).read_text("utf-8") == "# One.\n# Two.\na==3\nb==2\n"
    assert capsys.readouterr().out.splitlines() == ["a: none -> 3", "b: 1 -> 2", "gone: 1 -> none"]

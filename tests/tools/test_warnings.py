"""What pyproject.toml says of warnings, while tests run."""

from __future__ import annotations

import pytest


def warn(kind: str, module: str) -> None:
    """Give a warning of a kind, from a module of that name."""
    code = f"import warnings; warnings.warn('old', {kind}, stacklevel=1)"
    exec(compile(code, module, "exec"), {"__name__": module})


@pytest.mark.parametrize(
    ("kind", "module"),
    [
        ("UserWarning", "lecture_utils.views"),
        ("UserWarning", "torch.onnx"),
        ("DeprecationWarning", "lecture_utils.views"),
        ("DeprecationWarning", "tests.bench.rows"),
        ("DeprecationWarning", "test_warnings"),
    ],
)
def test_a_warning_is_an_error(kind: str, module: str) -> None:
    with pytest.raises(Warning, match="old"):
        warn(kind, module)


def test_but_not_that_a_package_uses_what_another_has_given_up() -> None:
    warn("DeprecationWarning", "torch.onnx")

"""What the tests of exported models share."""

from tests.node import node  # noqa: F401 - a fixture

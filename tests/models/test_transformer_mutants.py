"""Errors that keep every shape do not get past the tests of the Transformer and its pictures."""

import pytest

from tests.models import transformer_mutants as mutants


def test_the_right_ones_pass():
    for check in mutants.CHECKS.values():
        check()
    for picture in {one.name for one in mutants.IN_PICTURES.values()}:
        right = getattr(mutants.diagrams, picture)
        made = mutants.test_bound.made(picture, "")
        mutants.Run(right, *made).check(mutants.test_bound.sizes(right))


SHAPES = mutants.shapes()


@pytest.mark.parametrize("mutant", mutants.IN_MODELS)
def test_an_error_in_a_model_is_seen(mutant):
    with mutants.planted(mutant):
        assert mutants.shapes() == SHAPES  # nothing but numbers gives it away
    assert mutants.who_sees_the_model(mutant)


@pytest.mark.parametrize("mutant", mutants.IN_PICTURES)
def test_an_error_in_a_picture_is_seen(mutant):
    assert mutants.who_sees_the_picture(mutant)

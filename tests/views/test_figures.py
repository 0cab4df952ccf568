"""The style of the book's figures."""

import matplotlib as mpl
import matplotlib.pyplot as plt

from lecture_utils.views import figure_style
from lecture_utils.views.figures import OKABE_ITO


def test_series_differ_in_colour_and_in_marker() -> None:
    with mpl.rc_context():
        figure_style()
        _, axes = plt.subplots()
        lines = [axes.plot([0, 1])[0] for _ in range(len(OKABE_ITO))]
        assert [line.get_color() for line in lines] == list(OKABE_ITO)
        assert len({line.get_marker() for line in lines}) == len(OKABE_ITO)
        plt.close()

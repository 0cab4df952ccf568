"""The views: a Python class and an ES module each, alive in three homes.

1. In a notebook the class is an anywidget; its state flows over the widget protocol.
2. On a page without a kernel ``lecture_utils/live/page.js`` finds ``<figure data-view="...">``,
   reads the state from the JSON inside it, calls the same ``render``, and answers as a kernel does.
3. Where scripts don't run, the figure holds a picture, a caption and a table.

A view is a folder: its class in ``__init__.py``, ``view.js``, which ends with
``export default { render }``, and ``view.css``. What views share stands in ``base.py`` and in
``shared``. ``make bundles`` writes what notebooks load; the book bundles what its pages load. A
view cannot tell which kernel answers it: how they talk stands in ``shared/talk.js`` and `View`.
"""

from lecture_utils.views.address_lab import AddressLab
from lecture_utils.views.alignment import Alignment
from lecture_utils.views.base import View
from lecture_utils.views.channel_gates import ChannelGates
from lecture_utils.views.colours import COLOURS, ROLES
from lecture_utils.views.diagram import Diagram
from lecture_utils.views.feature_maps import FeatureMaps
from lecture_utils.views.figures import figure_style, label_ends
from lecture_utils.views.heads import Heads
from lecture_utils.views.memory_hops import MemoryHops
from lecture_utils.views.spatial_map import SpatialMap
from lecture_utils.views.tables import Table

__all__ = [
    "COLOURS",
    "ROLES",
    "AddressLab",
    "Alignment",
    "ChannelGates",
    "Diagram",
    "FeatureMaps",
    "Heads",
    "MemoryHops",
    "SpatialMap",
    "Table",
    "View",
    "figure_style",
    "label_ends",
]

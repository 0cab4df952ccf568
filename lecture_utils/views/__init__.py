"""The views: a Python class and an ES module each, alive in three homes.

1. In a notebook with a kernel the class is an anywidget; its state flows over the widget protocol.
2. On a page without a kernel ``host.js`` finds each ``<figure data-view="...">``, reads the state
   from the JSON inside it and calls the same ``render``.
3. Where scripts don't run, the figure holds a picture, a caption and a table.

How the JavaScript is composed (by `module_text` and `page_script`, nowhere else):

- A shared part ``<part>.js`` defines one constant, its name: ``core`` what all views need,
  ``live`` what an exported model needs to run in a page, ``numerals``, ``stories`` and
  ``knowledge`` what readers write to such models. `assets.VIEWS` says which parts each view uses,
  and in which order.
- ``<view>.js`` uses its parts and alone ends with ``export default { render };``.
- The ES module of a view is its parts and itself, one text after the other. anywidget gets that
  text; it imports nothing, since a module loaded from a Blob cannot.
- A page gets one classic script (modules don't load from ``file://``) for the views that stand on
  it: every part of theirs once, then each ``render`` as ``window.lectureViews[name]``, then
  ``host.js``, in one function.

``assets.py`` holds these functions and needs only the standard library.
"""

from lecture_utils.views.address_lab import AddressLab
from lecture_utils.views.alignment import Alignment
from lecture_utils.views.assets import module_text, page_script, style_text
from lecture_utils.views.figures import figure_style
from lecture_utils.views.memory_hops import MemoryHops

__all__ = [
    "AddressLab",
    "Alignment",
    "MemoryHops",
    "figure_style",
    "module_text",
    "page_script",
    "style_text",
]

"""Are exported graphs right at every size, in whatever order models are exported?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch

from lecture_utils.live.graph import TOLERANCE, difference, onnx_graph
from lecture_utils.live.kind import Kind
from tests.live import committed

SIZES = (2, 9, 40)
"""Others than those that an export itself tries."""


def all_pairs(names: Sequence[str]) -> list[str]:
    """A sequence in which each name comes once right after each name, itself too."""
    order, path, left = [], [names[0]], {name: [*names] for name in names}
    while path:  # Hierholzer: an Eulerian circuit of the complete graph with loops
        if left[path[-1]]:
            path.append(left[path[-1]].pop())
        else:
            order.append(path.pop())
    return order[::-1]


def wrong_graphs(kinds: Mapping[str, Kind], order: Sequence[str]) -> list[str]:
    """Export models one after the other, in this process: the graphs that are not as torch."""
    wrong = []
    for place, name in enumerate(order):
        kind = kinds[name]
        for key, graph in kind.graphs().items():
            try:
                data = onnx_graph(key, graph)
            except ValueError as error:
                wrong.append(f"{place} {name} {key}: {error}")
                continue
            module = graph.recorded()
            for n in SIZES:
                given = graph.example(**{size: n + i for i, size in enumerate(graph.sizes)})
                with torch.no_grad():
                    wanted = module(*given.values())
                if not difference(data, given, wanted) <= TOLERANCE:
                    wrong.append(f"{place} {name} {key}: at {n}")
                    break
    return wrong


def measure_sizes() -> dict[str, int]:
    """The row ``live.export.sizes``: wrong graphs, each of the book's models after each."""
    found = committed.kinds()
    return {"live.export.sizes": len(wrong_graphs(found, all_pairs(list(found))))}

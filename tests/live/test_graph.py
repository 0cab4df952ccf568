"""A graph is written only if it holds for every size and answers as torch does."""

from __future__ import annotations

from dataclasses import replace

import onnx
import pytest
import torch
from torch import Tensor, nn

from lecture_utils.addressing import Dot, read
from lecture_utils.live.graph import Graph, Recorded, difference, onnx_graph
from lecture_utils.recording import record


def rows(S: int) -> dict[str, Tensor]:
    return {"rows": torch.randn(1, S, 3, generator=torch.manual_seed(S))}


def graph(function, example=rows) -> Graph:
    return Graph(nn.Identity(), lambda _, *inputs: function(*inputs), example)


def loop(x: Tensor) -> dict[str, Tensor]:
    """A running sum, row after row: torch fixes the number of rows at the example's."""
    sums = [x[:, 0]]
    for row in x.unbind(dim=1)[1:]:
        sums.append(sums[-1] + row)
    return {"sums": torch.stack(sums, dim=1)}


def exporting_otherwise(x: Tensor) -> dict[str, Tensor]:
    return {"moved": x + (0.001 if torch.compiler.is_exporting() else 0.0)}


def chosen_by_value(x: Tensor) -> dict[str, Tensor]:
    return {"chosen": x if x.sum() > 0 else -x}


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (loop, r"graph 'g': axis 1 of 'rows' came out fixed at 6; it should have any size S"),
        (exporting_otherwise, r"graph 'g' is 1\.0e-03 from torch at S = 1"),
        (chosen_by_value, "graph 'g' cannot be exported"),
        (lambda x: {"rows": x + 1}, r"own; also inputs: \['rows'\]"),
        (
            lambda x: {"longer": torch.cat([x, x[:, :1], x[:, :1]], dim=1)},
            r"axis 1 of 'longer' is \(3, 8, 25\) long at the sizes .* give an axis one size",
        ),
    ],
    ids=["fixed", "different", "untraceable", "taken", "sum of sizes"],
)
def test_what_would_be_wrong_in_the_page_is_refused(function, message) -> None:
    with pytest.raises(ValueError, match=message):
        onnx_graph("g", graph(function))


def test_a_graph_that_cannot_run_or_has_another_shape_is_infinitely_far() -> None:
    data = onnx_graph("g", graph(lambda x: {"doubled": 2 * x}))
    given = rows(4)
    assert difference(data, given, {"doubled": 2 * given["rows"]}) == 0
    assert difference(data, given, {"doubled": 2 * given["rows"] + 0.5}) == pytest.approx(0.5)
    assert difference(data, given, {"doubled": given["rows"][0]}) == float("inf")
    assert difference(data, given, {"doubled": given["rows"] * torch.nan}) == float("inf")
    assert difference(data, {"rows": given["rows"][..., :2]}, {"doubled": given["rows"]}) == float(
        "inf"
    )
    assert difference(b"no graph", given, {"doubled": given["rows"]}) == float("inf")


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("bidirectional", [True, False])
def test_a_gru_keeps_its_length_open_again_and_again(batch_first, bidirectional) -> None:
    torch.manual_seed(0)
    gru = nn.GRU(3, 4, batch_first=batch_first, bidirectional=bidirectional)

    def states(gru: nn.GRU, x: Tensor) -> dict[str, Tensor]:
        states, last = gru(x if batch_first else x.transpose(0, 1))
        return {"states": states, "last": last}

    data = onnx_graph("g", Graph(gru, states, rows))  # the second one came out fixed
    given = rows(40)
    with torch.no_grad():
        assert difference(data, given, states(gru, given["rows"])) < 1e-6
    (operator,) = [node for node in onnx.load_from_string(data).graph.node if node.op_type == "GRU"]
    assert len(operator.input) == 4


def test_weights_are_an_output_of_every_graph_whose_model_reads() -> None:
    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.then = Dot(), Dot()

        def forward(self, x: Tensor) -> Tensor:
            query = read(self.first(x[:, :1], x), x)
            return read(self.then(read(self.first(query, x), x), x), x)

    model = Reader().eval()

    def answer(model: Reader, x: Tensor) -> dict[str, Tensor]:
        return {"out": model(x)}

    data = onnx_graph("g", Graph(model, answer, rows))
    given = rows(9)
    with record(model) as reads:
        out = model(given["rows"])
    calls = [*reads.calls("first"), *reads.calls("then")]
    wanted = {"out": out, "weights": torch.cat(calls, dim=1)}
    assert wanted["weights"].shape == (1, 3, 9)
    assert difference(data, given, wanted) < 1e-6
    outputs = {value.name: value for value in onnx.load_from_string(data).graph.output}
    dims = outputs["weights"].type.tensor_type.shape.dim
    assert [d.dim_param or d.dim_value for d in dims] == [1, 3, "S"]
    with record(model) as reads:
        Recorded(model, answer)(given["rows"])
    assert len(reads.calls("first")) == 2, "one forward, not one more for the weights"


def test_a_small_graph_answers_alike_and_keeps_equal_tensors_once() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(3, 400)  # torch itself keeps equal tensors once where they are small

    def answer(layer: nn.Module, x: Tensor) -> dict[str, Tensor]:
        return {"0": layer(x), "2": layer(x + 1)}  # names that no number may take

    plain = Graph(layer, answer, rows)
    large, small = (onnx_graph("g", replace(plain, small=small)) for small in (False, True))
    with torch.no_grad():
        assert difference(small, rows(4), answer(layer, rows(4)["rows"])) < 1e-6
    kept = [
        [len(one.raw_data) for one in onnx.load_from_string(data).graph.initializer]
        for data in (large, small)
    ]
    assert [sizes.count(4 * 3 * 400) for sizes in kept] == [2, 1]
    assert b"model.bias" in large
    assert b"model.bias" not in small
    assert b"pkg.torch" not in small


def test_a_file_holds_no_path_of_the_machine_that_wrote_it() -> None:
    data = onnx_graph("g", graph(lambda x: {"doubled": 2 * x}))
    for trace in (b"/home", b"site-packages", b"lecture_utils", b"test_graph"):
        assert trace not in data

"""One function of a model as an ONNX graph that is shown to answer as torch does.

A graph is traced once, for one size of its inputs, and must hold for every size. So it is written
only when no axis has come out fixed that should vary, and when it has answered as torch at three
sizes.
"""

from __future__ import annotations

import inspect
import itertools
import logging
import warnings
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from lecture_utils.recording import Reads, record

SIZES = (1, 6, 23)  # 1: no axis may be dropped; 23: more than any window of the book's models
TOLERANCE = 1e-4  # how far an output may be from torch's


def one_behind_the_other(reads: Reads) -> Tensor:
    """Weights (B, K, S) of K addresses, in the order computed."""
    return torch.cat([weights for name in reads for weights in reads.calls(name)], dim=-2)


@dataclass(frozen=True)
class Graph:
    """A function of a model: tensors in, tensors out.

    Attributes:
        model: what computes; on the CPU, with weights in single precision.
        function: gets the model and the inputs, tensors, and gives its outputs by name.
        example: makes the inputs, by name and in order, for a value of each size: its arguments
            without a default are the sizes that vary, each by itself, e.g. ``S``.
        join: makes one tensor, ``weights``, of all that the addresses compute; None: there is no
            such output.
        small: whether bytes are spared: equal tensors are kept once, torch's notes and names are
            not kept.
    """

    model: nn.Module
    function: Callable[..., dict[str, Tensor]]
    example: Callable[..., Mapping[str, Tensor]]
    join: Callable[[Reads], Tensor] | None = one_behind_the_other
    small: bool = False

    @property
    def sizes(self) -> list[str]:
        """Names of the sizes that vary."""
        taken = inspect.signature(self.example).parameters.values()
        return [one.name for one in taken if one.default is one.empty]

    def recorded(self) -> Recorded:
        """The function as a module, in eval mode: tensors in, outputs with the weights out."""
        return Recorded(self.model, self.function, self.join).eval()


Example = Callable[..., dict[str, Tensor]]
"""Makes a graph's inputs by name, in order; its arguments without a default are the sizes."""


def numbers(below: int, **shapes: tuple[int | str, ...]) -> Example:
    """Makes whole numbers of such shapes, the same each time; a size that varies is a letter."""
    return _drawn(partial(torch.randint, below), shapes)


def reals(low: float = 0.0, high: float = 1.0, **shapes: tuple[int | str, ...]) -> Example:
    """The same of numbers between two others."""

    def between(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
        return low + (high - low) * torch.rand(shape, generator=generator)

    return _drawn(between, shapes)


def _drawn(draw: Callable[..., Tensor], shapes: Mapping[str, tuple[int | str, ...]]) -> Example:
    def example(**sizes: int) -> dict[str, Tensor]:
        made = torch.Generator().manual_seed(0)
        sized = {name: [sizes.get(n, n) for n in shape] for name, shape in shapes.items()}
        return {name: draw(shape, generator=made) for name, shape in sized.items()}

    letters = dict.fromkeys(n for shape in shapes.values() for n in shape if isinstance(n, str))
    taken = [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY) for n in letters]
    example.__signature__ = inspect.Signature(taken)  # what `Graph.sizes` reads
    return example


class Recorded(nn.Module):
    """A function of a model, and the weights that its addresses compute on the way.

    Args:
        model: whatever it notes is recorded.
        function: gets the model and the inputs, tensors, and gives its outputs by name.
        join: as in `Graph`.
    """

    def __init__(
        self,
        model: nn.Module,
        function: Callable[..., dict[str, Tensor]],
        join: Callable[[Reads], Tensor] | None = one_behind_the_other,
    ) -> None:
        super().__init__()
        self.model, self.function, self.join = model, function, join

    def forward(self, *inputs: Tensor) -> dict[str, Tensor]:
        """The outputs, and ``weights``, all that was read joined, if anything was."""
        with record(self.model) as reads:
            outputs = self.function(self.model, *inputs)
        return {**outputs, "weights": self.join(reads)} if reads and self.join else outputs


def onnx_graph(name: str, graph: Graph) -> bytes:
    """The graph as an ONNX file that answers as torch does, whatever the sizes.

    Its outputs are those of the function, and ``weights`` where the model computes any.

    Args:
        name: of the graph, for errors.
        graph: what is traced.

    Raises:
        ValueError: the function cannot be traced, an axis came out fixed or varies in another
            way than the sizes do, or an output is more than `TOLERANCE` from torch's.
    """
    asked = [{size: n + i for i, size in enumerate(graph.sizes)} for n in SIZES]
    inputs = [dict(graph.example(**sizes)) for sizes in asked]
    module = graph.recorded()
    with torch.no_grad():
        outputs = [module(*given.values()) for given in inputs]
    taken = sorted({*inputs[0]} & {*outputs[0]})
    if taken:
        raise ValueError(f"graph {name!r}: outputs need names of their own; also inputs: {taken}")
    shapes = [
        {key: tuple(part.shape) for key, part in {**given, **made}.items()}
        for given, made in zip(inputs, outputs, strict=True)
    ]
    axes = _axes(name, asked, shapes)
    model = _traced(name, module, inputs[1], list(outputs[1]), axes)
    _check_open(name, model, axes)
    model = _stripped(model, axes)
    if graph.small:
        _keep_once(model.graph)
        _name_by_numbers(model.graph)
        del model.graph.metadata_props[:]
    data = model.SerializeToString()
    for sizes, given, wanted in zip(asked, inputs, outputs, strict=True):
        _check_answer(name, data, sizes, given, wanted)
    return data


def difference(data: bytes, inputs: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> float:
    """How far a graph is from torch at most; infinite where it fails or a shape does not fit.

    Args:
        data: the graph.
        inputs: by name.
        wanted: torch's outputs, by name.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1  # its errors are raised too
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        there = session.run(list(wanted), {key: part.numpy() for key, part in inputs.items()})
    except Exception:  # the runtime has a class of its own for every way to fail
        return float("inf")
    if any(got.shape != part.shape for got, part in zip(there, wanted.values(), strict=True)):
        return float("inf")
    apart = [
        (torch.from_numpy(got) - part).abs().max().nan_to_num(torch.inf).item()
        for got, part in zip(there, wanted.values(), strict=True)
        if part.numel()  # the cache of a decoder that has no word yet is empty
    ]
    return max(apart)


def _axes(
    name: str, asked: Sequence[Mapping[str, int]], shapes: Sequence[Mapping[str, tuple[int, ...]]]
) -> dict[str, dict[int, str]]:
    """The axes of every input and output that vary, each with its size: seen, not declared."""
    found: dict[str, dict[int, str]] = {key: {} for key in shapes[0]}
    for key in found:
        for axis, lengths in enumerate(zip(*(several[key] for several in shapes), strict=True)):
            if len({*lengths}) == 1:
                continue
            same = [
                size + more
                for more, by in (("", 0), (" + 1", 1))  # a cache grows by one
                for size in reversed(asked[0])
                if lengths == tuple(sizes[size] + by for sizes in asked)
            ]
            if not same:
                raise ValueError(
                    f"graph {name!r}: axis {axis} of {key!r} is {lengths} long at the sizes "
                    f"{[*map(dict, asked)]}; give an axis one size, a tensor for each part"
                )
            found[key][axis] = same[0]
    return found


def _traced(
    name: str,
    module: nn.Module,
    inputs: Mapping[str, Tensor],
    outputs: Sequence[str],
    axes: Mapping[str, Mapping[int, str]],
) -> onnx.ModelProto:
    used = sorted({size for key in inputs for size in axes[key].values()})
    dims = {size: torch.export.Dim(size, min=1, max=4096) for size in used}
    dynamic = tuple({axis: dims[size] for axis, size in axes[key].items()} for key in inputs)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # of its own parts, not of the model
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        try:
            return torch.onnx.export(
                _with_onnx_gru(module),
                tuple(inputs.values()),
                input_names=list(inputs),
                output_names=list(outputs),
                dynamic_shapes=(dynamic,),  # a size that torch finds to be fixed it fixes, silently
                custom_translation_table={torch.ops.lecture_utils.gru.default: _gru_operator},
                dynamo=True,
                external_data=False,
                verbose=False,
            ).model_proto
        except Exception as error:  # torch has many, of several packages
            raise ValueError(f"graph {name!r} cannot be exported: {error}") from error


def _check_open(name: str, model: onnx.ModelProto, axes: Mapping[str, Mapping[int, str]]) -> None:
    """Refuse a graph that was traced for the sizes of the example only."""
    for value in (*model.graph.input, *model.graph.output):
        for axis, size in axes[value.name].items():
            length = value.type.tensor_type.shape.dim[axis]
            if not length.dim_param:
                raise ValueError(
                    f"graph {name!r}: axis {axis} of {value.name!r} came out fixed at "
                    f"{length.dim_value}; it should have any size {size}"
                )


def _check_answer(
    name: str,
    data: bytes,
    sizes: Mapping[str, int],
    inputs: Mapping[str, Tensor],
    wanted: Mapping[str, Tensor],
) -> None:
    apart = difference(data, inputs, wanted)
    if not apart <= TOLERANCE:
        at = ", ".join(f"{size} = {n}" for size, n in sizes.items())
        how = f"is {apart:.1e} from torch" if apart < float("inf") else "does not run"
        raise ValueError(f"graph {name!r} {how} at {at}")


def _stripped(model: onnx.ModelProto, axes: Mapping[str, Mapping[int, str]]) -> onnx.ModelProto:
    """The same graph without what only its author needs, such as paths of this machine."""
    graph = model.graph
    del graph.value_info[:]
    for part in (model, *graph.node, *graph.input, *graph.output, *graph.initializer):
        del part.metadata_props[:]
        part.ClearField("doc_string")
    for node in graph.node:
        node.ClearField("name")
    for value in (*graph.input, *graph.output):  # torch names a size s21, or by a sum
        for axis, size in axes[value.name].items():
            value.type.tensor_type.shape.dim[axis].dim_param = size
    onnx.checker.check_model(model)
    return model


def _keep_once(graph: onnx.GraphProto) -> None:
    """Keep of equal tensors the first: torch turns a matrix anew for each of its products."""
    kept: dict[bytes, str] = {}
    same: dict[str, str] = {}
    outputs = {value.name for value in graph.output}
    for tensor in [one for one in graph.initializer if one.name not in outputs]:
        unnamed = onnx.TensorProto()
        unnamed.CopyFrom(tensor)
        unnamed.ClearField("name")
        first = kept.setdefault(unnamed.SerializeToString(deterministic=True), tensor.name)
        if first != tensor.name:
            same[tensor.name] = first
            graph.initializer.remove(tensor)
    for node in graph.node:
        node.input[:] = [same.get(name, name) for name in node.input]


def _name_by_numbers(graph: onnx.GraphProto) -> None:
    """Name all but inputs and outputs by numbers."""
    outside = {value.name for value in (*graph.input, *graph.output)}
    free = (str(n) for n in itertools.count() if str(n) not in outside)
    names = {name: name for name in (*outside, "")}  # "" stands for an input that is left out

    def named(name: str) -> str:
        if name not in names:
            names[name] = next(free)
        return names[name]

    for tensor in graph.initializer:
        tensor.name = named(tensor.name)
    for node in graph.node:
        node.input[:], node.output[:] = map(named, node.input), map(named, node.output)


# --- GRUs -----------------------------------------------------------------------------------------
# Torch traces a GRU as a loop over the example's steps: the graph would run for its length only.
# (Torch keeps the GRU whole in the first export of a process, not in the next.) It cannot look into
# an operator of ours, which becomes ONNX's GRU.


@torch.library.custom_op("lecture_utils::gru", mutates_args=())
def _gru(inputs: Tensor, w: Tensor, r: Tensor, b: Tensor, hidden: int) -> tuple[Tensor, Tensor]:
    """States (T, directions, B, H) and the last ones (directions, B, H); only ever traced."""
    raise NotImplementedError("this operator stands for a GRU while a graph is traced")


@_gru.register_fake
def _(inputs: Tensor, w: Tensor, r: Tensor, b: Tensor, hidden: int) -> tuple[Tensor, Tensor]:
    (steps, batch, _), directions = inputs.shape, len(r)
    states = inputs.new_empty(steps, directions, batch, hidden)
    return states, inputs.new_empty(directions, batch, hidden)


def _gru_operator(inputs: Any, w: Any, r: Any, b: Any, hidden: int) -> Any:
    from onnxscript import opset20  # as slow to import as a third of torch: not before an export

    directions = {1: "forward", 2: "bidirectional"}[r.shape[0]]
    return opset20.GRU(
        inputs, w, r, b, hidden_size=hidden, direction=directions, linear_before_reset=1
    )


class _OnnxGRU(nn.Module):
    """A GRU of one layer as ONNX has it: gates in the order z, r, n, both biases in one."""

    def __init__(self, gru: nn.GRU) -> None:
        super().__init__()
        self.hidden, self.batch_first = gru.hidden_size, gru.batch_first
        suffixes = ("_l0", "_l0_reverse") if gru.bidirectional else ("_l0",)

        def gates(part: str) -> Tensor:
            several = [getattr(gru, part + suffix).detach().chunk(3) for suffix in suffixes]
            return torch.stack([torch.cat([z, r, n]) for r, z, n in several])

        self.register_buffer("w", gates("weight_ih"))  # (directions, 3H, D)
        self.register_buffer("r", gates("weight_hh"))  # (directions, 3H, H)
        self.register_buffer("b", torch.cat([gates("bias_ih"), gates("bias_hh")], dim=1))

    def forward(self, inputs: Tensor) -> tuple[Tensor, Tensor]:
        """All states and the last ones, as `torch.nn.GRU`."""
        inputs = inputs.transpose(0, 1) if self.batch_first else inputs  # (T, B, D)
        states, last = _gru(inputs, self.w, self.r, self.b, self.hidden)
        order = (2, 0, 1, 3) if self.batch_first else (0, 2, 1, 3)
        return states.permute(order).flatten(-2), last  # (B, T, directions H)


def _with_onnx_gru(module: nn.Module) -> nn.Module:
    """A copy in which every GRU of one layer is an operator."""
    copied = deepcopy(module)
    for parent in [*copied.modules()]:
        for name, part in [*parent.named_children()]:
            if isinstance(part, nn.GRU) and part.num_layers == 1 and part.bias:
                setattr(parent, name, _OnnxGRU(part))
    return copied

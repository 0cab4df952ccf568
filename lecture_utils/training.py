"""One training loop, on Hugging Face Accelerate, for every model of the book.

The environment variable ``LECTURE_DEVICE`` chooses where everything runs: ``cpu``, ``cuda``,
``mps`` or ``auto`` (the default: a GPU where there is one).
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import random
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, PartialState
from accelerate.utils import send_to_device
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from tqdm import tqdm


def device() -> torch.device:
    """The device that ``LECTURE_DEVICE`` asks for; by default a GPU where there is one."""
    asked = os.environ.get("LECTURE_DEVICE", "auto")
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if asked == "auto":
        return torch.device(next(name for name in ("cuda", "mps", "cpu") if there[name]))
    if not there.get(asked):
        usable = sorted(name for name, here in there.items() if here)
        raise ValueError(f"LECTURE_DEVICE={asked!r} is not here; set one of {usable} or 'auto'")
    return torch.device(asked)


def set_seed(seed: int) -> None:
    """Seed Python, NumPy and torch, on every device."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - some libraries still draw from the global generator
    torch.manual_seed(seed)


@dataclass(repr=False)
class History:
    """What happened during a `fit`.

    Attributes:
        losses: one number per step.
        scores: one dict per evaluation, with its ``step``.
        best: the step after which the model scored best; its weights are the ones left.
        stopped: ``"steps"``, ``"patience"`` or ``"interrupted"``: why the training ended; of one
            that has so many seconds, ``"steps"`` when they are spent.
        seconds: CPU seconds that the steps took, without the evaluations.
    """

    losses: list[float] = field(default_factory=list)
    scores: list[dict[str, float]] = field(default_factory=list)
    best: int = 0
    stopped: str = "steps"
    seconds: float = field(default=0.0, compare=False)

    def __repr__(self) -> str:
        return f"History({len(self.losses)} steps, best after {self.best}, stopped: {self.stopped})"

    def curve(self, name: str) -> tuple[list[int], list[float]]:
        """The steps of the evaluations, and the value of `name` at each."""
        return [int(s["step"]) for s in self.scores], [s[name] for s in self.scores]


def fit(
    model: nn.Module,
    batches: Iterable[Any],
    loss: Callable[[nn.Module, Any], Tensor],
    *,
    steps: int | None = None,
    seconds: float | None = None,
    learning_rate: float = 3e-3,
    warmup: float = 0.1,
    lr_schedule: Callable[[int], float] | None = None,
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.Adam,
    clip: float = 1.0,
    evaluate: Callable[[nn.Module], dict[str, float]] | None = None,
    eval_every: int = 100,
    patience: int | None = None,
    checkpoint: str | Path | None = None,
    seed: int | None = None,
    label: str = "training",
) -> History:
    """Train `model` until `steps` are done or `seconds` spent, and leave the best weights in it.

    The learning rate rises linearly during the first part of the steps, then falls to zero as a
    cosine, unless `lr_schedule` says otherwise. Gradients are clipped by their norm. In the end
    the model holds the weights that scored best (the last ones, where nothing was evaluated), and
    stays on the training device.

    An interrupt (Ctrl-C, or the stop button of a notebook) ends the training early. The model
    then holds the best weights so far, and `Interrupted` is raised, which says so in a sentence
    and ends the cell: no further training of it begins, and what it would have printed about a
    trained model is not printed.

    Args:
        model: is moved to the training device and trained in place.
        batches: an iterable of batches (tensors, or tuples and dicts of them), endless or not.
            Iterated anew for every call: pass a list or a fresh generator.
        loss: ``loss(model, batch)`` gives the mean loss of a batch, a scalar.
        steps: how many batches to train on.
        seconds: CPU seconds to train for, in place of the steps; evaluations are not counted. The
            learning rate then rises and falls over them, and the scores have their ``seconds``.
        learning_rate: its highest value.
        warmup: the part of the steps, 0 to 1, in which it rises.
        lr_schedule: gives the part of the learning rate at a step, counted from 0, in place of the
            rise and fall; of `seconds`, at a thousandth of them.
        optimizer: is called with the parameters and ``lr``.
        clip: the greatest norm of the gradient.
        evaluate: gives scores by name, numbers or tensors of one number; called in evaluation mode
            without gradients. The first score decides which weights are best; more is better.
        eval_every: evaluate after so many steps, and at the end.
        patience: stop after so many evaluations without a better score.
        checkpoint: a file. Written at every evaluation; where it exists the training goes on
            from it, with the same batches, as if it had never stopped.
        seed: seeds every random generator at the start.
        label: stands before the progress bar.

    Returns:
        The losses and scores.

    Raises:
        ValueError: an argument out of range, a loss that is not finite, scores that are none or
            not comparable, batches that ran out, or a checkpoint that is damaged or belongs to
            another model.
        Interrupted: somebody pressed Ctrl-C.
    """
    if min(1 if steps is None else steps, eval_every) < 1:
        raise ValueError(f"steps and eval_every must be at least 1; got {steps} and {eval_every}")
    way = _Way(steps, seconds)
    if not 0 <= warmup <= 1:
        raise ValueError(f"warmup is a part of the steps, from 0 to 1; got {warmup}")
    if seed is not None:
        set_seed(seed)
    accelerator = _accelerator(device())
    factor = lr_schedule or _rise_and_fall(way.length, warmup)
    trained, steered = accelerator.prepare(model, optimizer(model.parameters(), lr=learning_rate))
    history, best = History(), _copy(model)
    if checkpoint is not None and Path(checkpoint).exists():
        history, best = _resume(Path(checkpoint), model, steered.optimizer)

    start = len(history.losses)
    mine = islice(batches, accelerator.process_index, None, accelerator.num_processes)
    bar = tqdm(
        total=way.length,
        initial=way.at(history),
        desc=label,
        file=sys.stdout,
        mininterval=0.5,
        disable=not accelerator.is_main_process,
        unit=way.unit,
        bar_format="{desc}: {percentage:3.0f}% |{bar:24}| {n_fmt}/{total_fmt} {unit}{postfix}",
    )
    try:
        with bar:
            next(islice(mine, start, start), None)  # what it has been trained on before
            begun = time.process_time()
            for step, batch in enumerate(islice(mine, way.left(history)), start + 1):
                trained.train()
                value = loss(trained, send_to_device(batch, accelerator.device))
                if not torch.isfinite(value):
                    raise ValueError(f"the loss is {value.item()} at step {step}; lower the rate")
                steered.zero_grad()
                accelerator.backward(value)
                accelerator.clip_grad_norm_(trained.parameters(), clip)
                for group in steered.param_groups:
                    group["lr"] = learning_rate * factor(way.at(history))
                steered.step()
                history.losses.append(value.item())
                now = time.process_time()
                history.seconds, begun = history.seconds + now - begun, now
                bar.update(way.at(history) - bar.n)
                if step % eval_every and not way.done(history):
                    continue
                if _score(model, evaluate, history, way.mark(history)):
                    best = _copy(model)
                shown = {"loss": history.losses[-1], **(history.scores or [{}])[-1]}
                shown = {k: v for k, v in shown.items() if k not in ("step", "seconds")}
                bar.set_postfix_str(", ".join(f"{k} {v:.3f}" for k, v in shown.items()))
                if checkpoint is not None and accelerator.is_main_process:
                    _save(Path(checkpoint), model, best, steered.optimizer, history)
                if patience is not None and _waited(history) >= patience:
                    history.stopped = "patience"
                    break
                if way.done(history):
                    break
                begun = time.process_time()
            else:
                if not way.done(history):
                    raise ValueError(
                        f"batches ran out after {way.told(history)}; pass more of them, or fewer "
                        f"{'steps' if seconds is None else 'seconds'}"
                    )
    except KeyboardInterrupt:
        history.stopped = "interrupted"
        if not history.scores:
            history.best, best = len(history.losses), _copy(model)
    model.load_state_dict(best)
    model.eval()
    if history.stopped == "interrupted":
        raise Interrupted(label, way.told(history), history) from None
    return history


@dataclass(frozen=True)
class _Way:
    """How far a training has come: in steps, or in thousandths of the CPU seconds that it has."""

    steps: int | None
    seconds: float | None

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.seconds is None):
            raise ValueError(f"pass steps or seconds; got {self.steps} and {self.seconds}")
        if self.seconds is not None and not 0 < self.seconds < math.inf:
            raise ValueError(f"seconds must be more than 0; got {self.seconds}")

    @property
    def length(self) -> int:
        return 1000 if self.steps is None else self.steps

    @property
    def unit(self) -> str:
        return "steps" if self.seconds is None else f"thousandths of {self.seconds:g} CPU s"

    def at(self, history: History) -> int:
        if self.seconds is None:
            return len(history.losses)
        return min(self.length, int(self.length * history.seconds / self.seconds))

    def done(self, history: History) -> bool:
        return self.at(history) >= self.length

    def left(self, history: History) -> int | None:
        """Steps; None: nobody knows how many."""
        if self.steps is None:
            return 0 if self.done(history) else None
        return max(0, self.steps - len(history.losses))

    def mark(self, history: History) -> dict[str, float]:
        """What the scores of now are told with."""
        step = {"step": len(history.losses)}
        return step if self.seconds is None else {**step, "seconds": round(history.seconds, 1)}

    def told(self, history: History) -> str:
        done = len(history.losses)
        if self.seconds is None:
            return f"{done} of {self.steps} steps"
        return f"{done} steps, {history.seconds:.0f} of {self.seconds:.0f} CPU s"


class Interrupted(KeyboardInterrupt):
    """Somebody stopped a training.

    A notebook shows a sentence in place of the way through the loop.

    Attributes:
        history: of the training, as far as it came.
    """

    def __init__(self, label: str, told: str, history: History) -> None:
        done = len(history.losses)
        held = f"of step {history.best}, {'the best so far' if history.scores else 'the last'}"
        super().__init__(
            f"{label} was interrupted after {told}; "
            f"the model holds the weights {held if done else 'that it began with'}"
        )
        self.history = history

    def _render_traceback_(self) -> list[str]:
        """What IPython shows."""
        return [f"{self}. What follows in the cell did not run: run it again to train to the end."]


def _accelerator(here: torch.device) -> Accelerator:
    """An accelerator for this device, also where an earlier one of the session had another."""
    state = PartialState._shared_state  # Accelerate keeps the first choice for all that follow
    if state and state["device"].type != here.type and PartialState().num_processes == 1:
        AcceleratorState._reset_state(reset_partial_state=True)
    accelerator = Accelerator(cpu=here.type == "cpu")
    if accelerator.device.type != here.type:
        raise ValueError(
            f"LECTURE_DEVICE asks for {here.type!r}, but Accelerate is configured for "
            f"{accelerator.device.type!r}; unset ACCELERATE_USE_CPU, or set LECTURE_DEVICE to that"
        )
    return accelerator


def _rise_and_fall(steps: int, warmup: float) -> Callable[[int], float]:
    rise = max(1, round(steps * warmup))

    def factor(step: int) -> float:
        if step < rise:
            return (step + 1) / rise
        return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))

    return factor


def _copy(model: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


@torch.no_grad()
def _score(
    model: nn.Module, evaluate: Callable | None, history: History, mark: dict[str, float]
) -> bool:
    """Evaluate, add the scores to the history, and say whether these weights are the best."""
    step = len(history.losses)
    if evaluate is None:
        history.best = step
        return True
    model.eval()
    scores = _numbers(evaluate(model), step)
    first = next(iter(scores))
    before = [s[first] for s in history.scores]
    history.scores.append({**scores, **mark})
    if before and scores[first] <= max(before):
        return False
    history.best = step
    return True


def _numbers(scores: Any, step: int) -> dict[str, float]:
    """The scores as plain numbers, or a ValueError where the first of them cannot decide."""
    if not isinstance(scores, Mapping) or not scores:
        raise ValueError(f"evaluate must return scores by name, as {{'exact': 0.9}}; got {scores}")
    found = {}
    for name, value in scores.items():
        try:
            found[name] = float(value)  # also of a tensor or an array with one number
        except (TypeError, ValueError, RuntimeError) as error:
            raise ValueError(f"the score {name!r} must be one number; got {value}") from error
    first = next(iter(found))
    if math.isnan(found[first]):
        raise ValueError(
            f"the score {first!r} is nan at step {step} and cannot say which weights are best; "
            "let evaluate return a number, -inf for the worst"
        )
    return found


def _waited(history: History) -> int:
    """Evaluations since the best one."""
    return sum(s["step"] > history.best for s in history.scores)


def _save(
    path: Path,
    model: nn.Module,
    best: dict[str, Tensor],
    optimizer: torch.optim.Optimizer,
    history: History,
) -> None:
    """One safetensors file, without pickle; written beside and moved, so never half there."""
    state = optimizer.state_dict()
    tensors = {f"model/{k}": v for k, v in _copy(model).items()}
    tensors |= {f"best/{k}": v.clone() for k, v in best.items()}
    for i, kept in state["state"].items():
        tensors |= {f"optimizer/{i}/{k}": v.clone() for k, v in kept.items()}
    tensors["random/torch"] = torch.get_rng_state()
    if torch.cuda.is_available():
        tensors["random/cuda"] = torch.cuda.get_rng_state()
    told = {"history": asdict(history), "groups": state["param_groups"]}
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    save_file({k: v.contiguous() for k, v in tensors.items()}, part, {"fit": json.dumps(told)})
    part.replace(path)


def _resume(
    path: Path,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
) -> tuple[History, dict[str, Tensor]]:
    """Put everything back as `_save` found it, or say why not and change nothing."""
    parts: dict[str, dict[str, Tensor]] = {"model": {}, "best": {}, "optimizer": {}, "random": {}}
    try:
        with safe_open(path, framework="pt") as file:
            told = json.loads(file.metadata()["fit"])
            for key in file.keys():  # noqa: SIM118 - safe_open is no mapping
                part, name = key.split("/", 1)
                parts[part][name] = file.get_tensor(key)
        history = History(**told["history"])
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"checkpoint {path} is damaged or no checkpoint: {error}") from error
    shapes = {k: v.shape for k, v in model.state_dict().items()}
    if any({k: v.shape for k, v in parts[p].items()} != shapes for p in ("model", "best")):
        raise ValueError(f"checkpoint {path} belongs to another model; pass another file name")
    model.load_state_dict(parts["model"])
    kept: dict[int, dict[str, Tensor]] = {}
    for name, value in parts["optimizer"].items():
        i, key = name.split("/", 1)
        kept.setdefault(int(i), {})[key] = value
    optimizer.load_state_dict({"state": kept, "param_groups": told["groups"]})
    torch.set_rng_state(parts["random"]["torch"])
    with contextlib.suppress(KeyError, RuntimeError):  # saved on another kind of machine
        torch.cuda.set_rng_state(parts["random"]["cuda"])
    here = next(model.parameters()).device
    return history, {k: v.to(here) for k, v in parts["best"].items()}

"""The training loop: it learns, it is deterministic, it can be interrupted and go on."""

import os

import numpy as np
import pytest
import torch
from accelerate.state import PartialState
from torch import nn

from lecture_utils import training
from lecture_utils.training import Interrupted, fit


@pytest.fixture(autouse=True)
def _on_the_cpu(monkeypatch):
    monkeypatch.setenv("LECTURE_DEVICE", "cpu")


def data(count, seed=0):
    made = torch.Generator().manual_seed(seed)
    for _ in range(count):
        x = torch.randn(16, 3, generator=made)
        yield x, x @ torch.tensor([1.0, -2.0, 0.5])


def loss(model, batch):
    x, y = batch
    return (model(x).squeeze(-1) - y).square().mean()


def model():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.2), nn.Linear(8, 1))


def scores(net):
    with torch.no_grad():
        x, y = next(data(1, seed=9))
        return {"fit": -loss(net, (x, y)).item(), "rate": 1.0}


def weights(net):
    return torch.cat([p.detach().flatten() for p in net.parameters()])


def test_it_learns_and_says_what_happened(capsys):
    net = nn.Linear(3, 1)
    kwargs = dict(steps=300, learning_rate=0.1, evaluate=scores, eval_every=50)
    history = fit(net, data(300), loss, **kwargs)
    assert history.losses[0] > 1 > 1e-3 > history.losses[-1]
    assert history.curve("fit")[0] == [50, 100, 150, 200, 250, 300]
    assert history.stopped == "steps"
    assert not net.training
    assert "300/300 steps" in capsys.readouterr().out


def test_same_seed_same_weights():
    first, second, other = model(), model(), model()
    for net, seed in ((first, 1), (second, 1), (other, 2)):
        fit(net, data(20), loss, steps=20, seed=seed)
    assert torch.equal(weights(first), weights(second))
    assert not torch.equal(weights(first), weights(other))


def test_the_best_weights_are_left_not_the_last():
    net, seen = model(), []

    def rising_then_falling(current):
        seen.append(weights(current))
        return {"score": [1.0, 3.0, 2.0, 0.0][len(seen) - 1]}

    history = fit(net, data(40), loss, steps=40, eval_every=10, evaluate=rising_then_falling)
    assert history.best == 20
    assert torch.equal(weights(net), seen[1])


def test_patience_stops_early():
    kwargs = dict(steps=100, eval_every=10, evaluate=lambda _: {"s": 0.0}, patience=2)
    history = fit(model(), data(100), loss, **kwargs)
    assert history.stopped == "patience"
    assert len(history.losses) == 30


def test_resuming_is_as_if_it_had_never_stopped(tmp_path):
    whole, parts = model(), model()
    kwargs = dict(steps=40, eval_every=10, evaluate=scores, seed=3)
    wanted = fit(whole, data(40), loss, **kwargs)

    calls = 0

    def interrupted(net, batch):
        nonlocal calls
        calls += 1
        if calls == 26:
            raise KeyboardInterrupt
        return loss(net, batch)

    path = tmp_path / "a checkpoint.safetensors"
    with pytest.raises(Interrupted) as stop:
        fit(parts, data(40), interrupted, checkpoint=path, **kwargs)
    assert stop.value.history.stopped == "interrupted"
    fresh = model()
    history = fit(fresh, data(40), loss, checkpoint=path, **kwargs)
    assert history.losses == wanted.losses
    assert history.scores == wanted.scores
    assert torch.equal(weights(fresh), weights(whole))


class Clock:
    """CPU seconds: a step takes 2, a judgement 50; batches are made at once."""

    def __init__(self, monkeypatch):
        self.now, self.rates = 0.0, []
        monkeypatch.setattr(training.time, "process_time", lambda: self.now)

    def loss(self, net, batch):
        self.now += 2
        return loss(net, batch)

    def judge(self, net):
        self.now += 50
        return scores(net)

    def optimizer(self, parameters, lr):
        clock = self

        class Watched(torch.optim.SGD):
            def step(self, *args):
                clock.rates.append(self.param_groups[0]["lr"])
                return super().step(*args)

        return Watched(parameters, lr)


def test_seconds_end_a_training_and_bend_its_rate(monkeypatch, capsys):
    clock = Clock(monkeypatch)
    history = fit(
        model(), data(100), clock.loss, seconds=40, learning_rate=0.1, warmup=0.5, eval_every=8,
        optimizer=clock.optimizer, evaluate=clock.judge,
    )  # fmt: skip
    assert (len(history.losses), history.seconds) == (20, 40)
    assert [(one["step"], one["seconds"]) for one in history.scores] == [
        (8, 16),
        (16, 32),
        (20, 40),
    ]
    assert clock.rates[:10] == sorted(clock.rates[:10])
    assert clock.rates[10] == pytest.approx(0.1)
    assert clock.rates[10:] == sorted(clock.rates[10:], reverse=True)
    assert clock.rates[-1] < 0.004
    assert history.stopped == "steps"
    assert "1000/1000 thousandths of 40 CPU s" in capsys.readouterr().out


def test_what_is_resumed_has_the_seconds_that_are_left(monkeypatch, tmp_path):
    clock, path = Clock(monkeypatch), tmp_path / "run.safetensors"

    def breaks(net, batch):
        if clock.now >= 62:
            raise KeyboardInterrupt
        return clock.loss(net, batch)

    def slow():
        for batch in data(100):
            clock.now += 0.5
            yield batch

    kwargs = dict(seconds=40, eval_every=4, checkpoint=path, evaluate=clock.judge)
    with pytest.raises(Interrupted, match="interrupted after 5 steps, 12 of 40 CPU s"):
        fit(model(), slow(), breaks, **kwargs)
    history = fit(model(), slow(), clock.loss, **kwargs)
    assert [(one["step"], one["seconds"]) for one in history.scores] == [
        *((4, 10), (8, 20), (12, 30), (16, 40)),
    ]
    done = path.read_bytes()
    again = fit(model(), slow(), clock.loss, **kwargs)
    assert again == history
    assert path.read_bytes() == done, "its seconds are spent"


def test_ctrl_c_leaves_the_best_weights_so_far_and_says_so():
    net, seen = model(), []

    def evaluate(current):
        seen.append(weights(current))
        return {"score": -len(seen)}

    def interrupted(current, batch):
        if len(seen) == 3:
            raise KeyboardInterrupt
        return loss(current, batch)

    with pytest.raises(KeyboardInterrupt) as stop:
        fit(net, data(60), interrupted, steps=60, eval_every=10, evaluate=evaluate, label="Net")
    assert stop.value.history.stopped == "interrupted"
    assert torch.equal(weights(net), seen[0])
    assert not net.training
    sentence = "Net was interrupted after 30 of 60 steps; the model holds the weights of step 10, "
    assert str(stop.value) == f"{sentence}the best so far"


def test_ctrl_c_before_the_first_evaluation_leaves_the_last_weights():
    net, before, steps = model(), weights(model()), []

    def interrupted(current, batch):
        steps.append(weights(current))
        if len(steps) == 5:
            raise KeyboardInterrupt
        return loss(current, batch)

    with pytest.raises(Interrupted, match="the weights of step 4, the last") as stop:
        fit(net, data(60), interrupted, steps=60, eval_every=10, evaluate=scores)
    assert stop.value.history.best == 4
    assert torch.equal(weights(net), steps[-1])
    assert not torch.equal(weights(net), before)


def test_ctrl_c_without_evaluation_leaves_the_last_weights():
    net, before = model(), weights(model())
    calls = iter(range(100))

    def interrupted(current, batch):
        if next(calls) == 10:
            raise KeyboardInterrupt
        return loss(current, batch)

    with pytest.raises(Interrupted, match="the weights of step 10, the last"):
        fit(net, data(60), interrupted, steps=60)
    assert not torch.equal(weights(net), before)


def test_ctrl_c_in_the_first_step_says_that_nothing_was_learned():
    net = model()

    def interrupted(current, batch):
        raise KeyboardInterrupt

    with pytest.raises(Interrupted, match=r"after 0 of 60 steps; .* that it began with"):
        fit(net, data(60), interrupted, steps=60)
    assert torch.equal(weights(net), weights(model()))


CELL = """
import torch
from torch import nn
from lecture_utils.training import fit

def loss(model, batch):
    started.append(batch)
    if len(started) == 5:
        raise KeyboardInterrupt
    return model(batch).square().mean()

started, net = [], nn.Linear(3, 1)
for label in ("first", "second"):
    fit(net, [torch.ones(2, 3)] * 9, loss, steps=9, label=label)
print("measured")
"""


def test_a_cell_with_two_trainings_ends_at_one_interrupt_in_one_line(capsys):
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell()
    result = shell.run_cell(CELL)
    out = capsys.readouterr().out
    assert isinstance(result.error_in_exec, Interrupted)
    assert len(shell.user_ns["started"]) == 5
    assert "measured" not in out
    assert out.splitlines()[-1] == (
        "first was interrupted after 4 of 9 steps; the model holds the weights of step 4, the last."
        " What follows in the cell did not run: run it again to train to the end."
    )
    assert "Traceback" not in out
    assert "second" not in out


@pytest.mark.parametrize("kept", [0, 7, 100, -10])
def test_a_damaged_checkpoint_is_named_and_changes_nothing(tmp_path, kept):
    path = tmp_path / "run.safetensors"
    fit(model(), data(20), loss, steps=20, eval_every=10, checkpoint=path)
    path.write_bytes(path.read_bytes()[:kept])
    net = model()
    before = weights(net)
    with pytest.raises(ValueError, match=r"run\.safetensors is damaged"):
        fit(net, data(20), loss, steps=20, checkpoint=path)
    assert torch.equal(weights(net), before)


def test_a_checkpoint_of_another_model_is_refused(tmp_path):
    path = tmp_path / "run.safetensors"
    fit(model(), data(20), loss, steps=20, eval_every=10, checkpoint=path)
    with pytest.raises(ValueError, match="another model"):
        fit(nn.Linear(3, 1), data(20), loss, steps=20, checkpoint=path)


def test_gradients_are_clipped_and_the_rate_rises_and_falls():
    factor = training._rise_and_fall(100, 0.1)
    rates = [factor(i) for i in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[10] == 1.0
    assert rates[-1] < 0.001
    net = nn.Linear(3, 1)
    norms = []
    hook = net.weight.register_post_accumulate_grad_hook

    def keep(parameter):
        norms.append(parameter.grad.norm().item())

    hook(keep)
    fit(net, data(1), lambda n, b: 1e6 * loss(n, b), steps=1, clip=0.5)
    assert norms[0] > 1e4
    assert net.weight.grad.norm() <= 0.5001


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 0}, "steps and eval_every must be at least 1"),
        ({"warmup": 2}, "from 0 to 1"),
        ({"steps": 30}, "ran out after 20 of 30"),
        ({"steps": None}, "pass steps or seconds; got None and None"),
        ({"seconds": 3.0}, "pass steps or seconds; got 20 and 3.0"),
        ({"steps": None, "seconds": 0.0}, "seconds must be more than 0; got 0.0"),
        ({"steps": None, "seconds": 1e9}, "ran out after 20 steps, .*or fewer seconds"),
        ({"loss": lambda n, b: loss(n, b) * float("nan")}, "loss is nan at step 1"),
        ({"evaluate": lambda n: {}}, r"scores by name.*; got \{\}"),
        ({"evaluate": lambda n: 0.5}, r"scores by name.*; got 0.5"),
        ({"evaluate": lambda n: {"s": float("nan")}}, "score 's' is nan at step 20"),
        ({"evaluate": lambda n: {"s": torch.tensor(float("nan"))}}, "score 's' is nan at step 20"),
        ({"evaluate": lambda n: {"s": torch.ones(2)}}, "score 's' must be one number"),
        ({"evaluate": lambda n: {"s": None}}, "score 's' must be one number; got None"),
    ],
)
def test_bad_input(change, message):
    with pytest.raises(ValueError, match=message):
        fit(model(), data(20), **{"loss": loss, "steps": 20, **change})


def test_a_nan_score_is_not_the_best():
    made = iter([0.5, float("nan"), 0.7])
    with pytest.raises(ValueError, match="nan at step 20"):
        fit(model(), data(30), loss, steps=30, eval_every=10, evaluate=lambda _: {"s": next(made)})


@pytest.mark.parametrize("kind", [torch.tensor, np.float32, lambda x: torch.tensor([[x]])])
def test_a_score_may_be_a_tensor_also_with_a_checkpoint(tmp_path, kind):
    made = iter([kind(0.5), kind(0.25)])
    history = fit(
        model(), data(20), loss, steps=20, eval_every=10,
        evaluate=lambda _: {"s": next(made)}, checkpoint=tmp_path / "run.safetensors",
    )  # fmt: skip
    assert history.curve("s") == ([10, 20], [0.5, 0.25])
    assert {type(score["s"]) for score in history.scores} == {float}


@pytest.mark.parametrize("first", ["meta", "cuda", "mps"])
def test_another_device_than_the_sessions_first_is_taken(first):
    """As if an earlier training had run on another device, which Accelerate keeps for ever."""
    fit(model(), data(1), loss, steps=1)
    PartialState._shared_state["device"] = torch.device(first)
    net = model()
    fit(net, data(1), loss, steps=1)
    assert {p.device.type for p in net.parameters()} == {"cpu"}
    assert PartialState().device == torch.device("cpu")


def test_a_device_that_accelerate_does_not_give_is_an_error(monkeypatch):
    monkeypatch.setattr(training, "device", lambda: torch.device("meta"))
    with pytest.raises(ValueError, match="LECTURE_DEVICE asks for 'meta', but Accelerate is conf"):
        fit(model(), data(1), loss, steps=1)


def test_device(monkeypatch):
    assert training.device() == torch.device("cpu")
    monkeypatch.setenv("LECTURE_DEVICE", "auto")
    assert training.device().type in {"cpu", "cuda", "mps"}
    monkeypatch.setenv("LECTURE_DEVICE", "abacus")
    with pytest.raises(ValueError, match="LECTURE_DEVICE='abacus' is not here"):
        training.device()
    if not torch.cuda.is_available():
        monkeypatch.setenv("LECTURE_DEVICE", "cuda")
        with pytest.raises(ValueError, match="is not here"):
            training.device()


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
def test_an_unwritable_folder_is_an_error_that_names_it(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        fit(model(), data(20), loss, steps=20, eval_every=10, checkpoint=tmp_path / "file" / "x.st")

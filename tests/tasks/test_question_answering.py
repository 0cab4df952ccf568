"""Questions about stories: what trains, what judges, what a view shows."""

from __future__ import annotations

import pytest
import torch

from lecture_utils.data import babi
from lecture_utils.models.memn2n import memn2n
from lecture_utils.recording import record
from lecture_utils.tasks import question_answering as qa


@pytest.fixture(scope="module")
def asked():
    made = babi.simulate([1, 2], 30, seed=0)
    questions = babi.Questions(made, babi.tokens(made))
    torch.manual_seed(0)
    return questions, memn2n(len(questions.tokens), features=8, hops=2).eval()


def test_the_loss_is_the_mean_or_the_sum(asked):
    questions, model = asked
    batch = questions.batch(slice(0, 12))
    mean, total = qa.loss(model, batch), qa.loss(model, batch, reduction="sum")
    assert total.item() == pytest.approx(12 * mean.item(), rel=1e-5)
    chances = model(*batch[:3]).softmax(dim=-1)[torch.arange(12), batch.answer]
    assert mean.item() == pytest.approx(-chances.log().mean().item(), rel=1e-5)


def test_the_error_does_not_depend_on_how_many_are_asked_at_a_time(asked):
    questions, model = asked
    batch = questions.batch(slice(0, len(questions)))
    wrong = (model(*batch[:3]).argmax(dim=-1) != batch.answer).float().mean().item()
    for size in (7, 60, 1000):
        assert qa.error(model, questions, size) == pytest.approx(100 * wrong, abs=1e-4)
    assert 0 < wrong < 1


def test_the_facts_are_read_when_the_hops_weigh_them_most():
    batch = babi.Batch(
        sentences=torch.zeros(4, 1),
        story=torch.tensor([[1, 2, 3]] * 3),
        question=torch.zeros(3, 1),
        answer=torch.zeros(3),
        support=torch.tensor([[2, 0], [1, -1], [1, -1]]),
    )
    tops = torch.tensor([[4, 2], [3, 2], [4, 4]])  # slots of 5, of which 2 are empty
    hops = torch.nn.functional.one_hot(tops, 5).float()
    reads = {f"hops.{k}.address": hops[:, k : k + 1] for k in range(2)}
    reads["else"] = torch.ones(3, 1, 5)
    assert qa.facts_read(reads, batch).tolist() == [True, True, False]


def test_the_answer_is_what_the_view_takes(asked):
    questions, model = asked
    example = questions.examples[3]
    told = qa.answer_of(model, questions.tokens, questions.width, example.story, example.question)
    batch = questions.batch([3])
    with record(model) as reads, torch.no_grad():
        chances = model(*batch[:3])[0].softmax(dim=-1)
    names = [name for name, _ in told["answers"]]
    assert names == [questions.tokens[i] for i in chances.topk(4).indices.tolist()]
    assert told["answers"][0][1] == pytest.approx(chances.max().item())
    assert told["weights"].shape == (2, len(example.story))
    hop = reads["hops.1.address"][0, 0, -len(example.story) :]
    assert torch.allclose(told["weights"][1], hop)
    assert told["dropped"] == 0


def test_of_a_long_story_the_end_is_read(asked):
    questions, model = asked
    story = ["Mary went to the office.", *["John went to the garden."] * 57]
    told = qa.answer_of(model, questions.tokens, questions.width, story, "Where is Mary?")
    assert told["dropped"] == 8
    assert told["weights"].shape == (2, 50)
    with pytest.raises(ValueError, match="'zork'"):
        qa.answer_of(model, questions.tokens, questions.width, ["Zork."], "Where is Mary?")

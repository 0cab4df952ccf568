"""What reaches the encoder and the few bits of half precision: every model, or a sentence."""

import pytest
import torch

from lecture_utils.addressing import ReadHead
from lecture_utils.models.bahdanau import bahdanau
from lecture_utils.models.encoder_decoder import FixedContext, beam, build, count_words, greedy
from lecture_utils.models.kv_memnn import KVMemNN
from lecture_utils.models.location import location_sensitive
from lecture_utils.models.memn2n import linear_start, memn2n
from lecture_utils.models.memnn import MemNN, found
from lecture_utils.models.transformer import transformer
from lecture_utils.models.turing import TapeReader

SIZES = dict(source_size=12, target_size=9, embedding_size=6, hidden_size=8, maxout_size=4)


def fixed(**sizes):
    return build(FixedContext(), **sizes)


def made(kind):
    torch.manual_seed(0)
    return kind(**SIZES).eval()


SOURCE = torch.tensor([[5, 6, 7, 8], [9, 4, 3, 6], [9, 4, 3, 6]])
TARGET = torch.tensor([[1, 4, 5, 2]] * 3)


@pytest.mark.parametrize("kind", [fixed, bahdanau, location_sensitive])
class TestTheEncodersMask:
    @pytest.mark.parametrize("row", [[0, 0, 1, 1], [1, 0, 1, 1], [0, 0, 0, 0]])
    def test_left_padding_holes_and_empty_rows_are_refused(self, kind, row):
        mask = torch.tensor([[1, 1, 1, 1], row, [1, 1, 0, 0]]).bool()
        with pytest.raises(ValueError, match=r"mask must be True on the first words.*rows \[1\]"):
            made(kind)(SOURCE, mask, TARGET)
        with pytest.raises(ValueError, match="put padding at the end, and leave out empty sources"):
            greedy(made(kind), SOURCE, mask)

    def test_another_shape_or_type_is_refused(self, kind):
        for mask in (torch.ones(4).bool(), torch.ones(3, 1, 4).bool(), torch.ones(3, 4)):
            with pytest.raises(ValueError, match=r"mask must be bool and \(3, 4\).*; got"):
                made(kind)(SOURCE, mask, TARGET)


def test_words_are_counted():
    mask = torch.arange(4) < torch.tensor([[4], [1], [2]])
    assert count_words(mask, SOURCE).tolist() == [4, 1, 2]


def translate(model):
    mask = torch.arange(4) < torch.tensor([[4], [1], [2]])
    greedy(model, SOURCE, mask, limit=5)
    beam(model, SOURCE[:1], 2, limit=5)
    return model(SOURCE, mask, TARGET)


def answer(model):
    sentences = torch.tensor([[0, 0, 0], [3, 4, 5], [6, 4, 0], [7, 8, 9]])
    story, question = torch.tensor([[1, 2, 3], [0, 0, 3]]), torch.tensor([[10, 11, 0], [10, 3, 4]])
    return model(sentences, story, question)


def look_up(model):
    tokens = [torch.full(shape, 3) for shape in ((2, 4), (2, 5, 3), (2, 5, 2))]
    return model(*tokens, torch.tensor([[True] * 5, [False] * 5]), torch.full((7, 2), 4))


def linear(**sizes):
    model = memn2n(12, features=6, slots=5)
    linear_start(model, True)
    return model


MODELS = {
    "fixed": (lambda: fixed(**SIZES), translate),
    "bahdanau": (lambda: bahdanau(**SIZES), translate),
    "location": (lambda: location_sensitive(**SIZES), translate),
    "transformer": (lambda: transformer(12, 9, 8, 2, 2, 16), lambda m: m(SOURCE, None, TARGET)),
    "memn2n": (lambda: memn2n(12, features=6, slots=5), answer),
    "memn2n, layer-wise": (lambda: memn2n(12, features=6, slots=5, tying="layer-wise"), answer),
    "memn2n, linear": (linear, answer),
    "kv": (lambda: KVMemNN(12, features=6, drawn=5), look_up),
    "memnn": (lambda: MemNN(12, 6), lambda m: m(torch.full((2, 5, 3), 3), torch.full((2, 4), 5))),
    "turing": (
        lambda: TapeReader(ReadHead(6, 6), 6),
        lambda m: m(torch.ones(2, 5, 6, dtype=m.output.weight.dtype), 4),
    ),
}


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
@pytest.mark.parametrize("name", MODELS)
def test_every_model_runs_in_other_precisions(name, dtype):
    make, run = MODELS[name]
    torch.manual_seed(0)
    model = make().eval()
    exact, other = run(model), run(model.to(dtype))
    assert other.dtype == dtype
    torch.testing.assert_close(other.float(), exact, rtol=0.05, atol=0.05)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_word_numbers_survive_a_hard_read_in_few_bits(dtype):
    memory = torch.tensor([[[2049, 4099, 0], [257, 30001, 3]]])
    weights = torch.tensor([[[0.0, 1.0]]], dtype=dtype), torch.tensor([[[1.0, 0.0]]], dtype=dtype)
    first, second = found(weights, memory)
    assert (first.tolist(), second.tolist()) == ([[257, 30001, 3]], [[2049, 4099, 0]])

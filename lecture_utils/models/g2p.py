"""A real pretrained encoder-decoder with one fixed context: English letters to sounds.

The weights are those that the package `g2p-en` ships (Kyubyong Park and Jongseok Kim, 2019,
Apache-2.0, https://github.com/kyubyong/g2p), trained on the CMU Pronouncing Dictionary. One GRU
reads the letters; its last state is all that the second GRU ever learns of the word: the model of
Cho et al. 2014 (arXiv 1406.1078) and Sutskever et al. 2014 (arXiv 1409.3215), without attention.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

LETTERS = ("<pad>", "<unk>", "</s>", *"abcdefghijklmnopqrstuvwxyz")
_SOUNDS = (
    "AA0 AA1 AA2 AE0 AE1 AE2 AH0 AH1 AH2 AO0 AO1 AO2 AW0 AW1 AW2 AY0 AY1 AY2 B CH D DH EH0 EH1 EH2 "
    "ER0 ER1 ER2 EY0 EY1 EY2 F G HH IH0 IH1 IH2 IY0 IY1 IY2 JH K L M N NG OW0 OW1 OW2 OY0 OY1 OY2 "
    "P R S SH T TH UH0 UH1 UH2 UW UW0 UW1 UW2 V W Y Z ZH"
)
PHONEMES = ("<pad>", "<unk>", "<s>", "</s>", *_SOUNDS.split())
MAX_PHONEMES = 20  # where the authors' decoder stops

_PARAMETERS = {  # ours: theirs
    "letters.weight": "enc_emb",
    "encoder.weight_ih_l0": "enc_w_ih",
    "encoder.weight_hh_l0": "enc_w_hh",
    "encoder.bias_ih_l0": "enc_b_ih",
    "encoder.bias_hh_l0": "enc_b_hh",
    "phonemes.weight": "dec_emb",
    "decoder.weight_ih": "dec_w_ih",
    "decoder.weight_hh": "dec_w_hh",
    "decoder.bias_ih": "dec_b_ih",
    "decoder.bias_hh": "dec_b_hh",
    "output.weight": "fc_w",
    "output.bias": "fc_b",
}


class G2P(nn.Module):
    """Two GRUs, and one vector of D numbers between them."""

    def __init__(self, size: int = 256) -> None:
        """`size` is D, the size of the embeddings and of the states."""
        super().__init__()
        self.letters = nn.Embedding(len(LETTERS), size)
        self.encoder = nn.GRU(size, size, batch_first=True)
        self.phonemes = nn.Embedding(len(PHONEMES), size)
        self.decoder = nn.GRUCell(size, size)
        self.output = nn.Linear(size, len(PHONEMES))

    def encode(self, letters: Tensor, lengths: Tensor) -> Tensor:
        """The fixed context (B, D) of padded letters (B, S); `lengths` (B,) on the CPU."""
        packed = pack_padded_sequence(
            self.letters(letters), lengths, batch_first=True, enforce_sorted=False
        )
        return self.encoder(packed)[1].squeeze(0)

    def step(self, phoneme: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (B, V) and the next state (B, D), after the last phoneme (B,)."""
        state = self.decoder(self.phonemes(phoneme), state)
        return self.output(state), state

    @torch.no_grad()
    def pronounce(self, words: Iterable[str], batch: int = 256) -> list[tuple[str, ...]]:
        """The most probable phonemes of each word, step by step, at most `MAX_PHONEMES`.

        Args:
            words: each of at least one letter from a to z.
            batch: words that are decoded together.
        """
        words = _check_words(words)
        if batch < 1:
            raise ValueError(f"batch is {batch}; pass an integer of at least 1")
        parts = (words[i : i + batch] for i in range(0, len(words), batch))
        return [phonemes for part in parts for phonemes in self._pronounce(part)]

    def _pronounce(self, words: list[str]) -> list[tuple[str, ...]]:
        device = self.output.weight.device
        rows = [torch.tensor([LETTERS.index(c) for c in [*word, "</s>"]]) for word in words]
        lengths = torch.tensor([len(row) for row in rows])
        state = self.encode(pad_sequence(rows, batch_first=True).to(device), lengths)
        last = torch.full((len(words),), PHONEMES.index("<s>"), device=device)
        steps = []
        for _ in range(MAX_PHONEMES):
            logits, state = self.step(last, state)
            last = logits.argmax(dim=-1)  # (B,)
            steps.append(last)
        return [_until_end(ids) for ids in torch.stack(steps, dim=1).tolist()]


def _until_end(ids: list[int]) -> tuple[str, ...]:
    end = PHONEMES.index("</s>")
    return tuple(PHONEMES[i] for i in ids[: ids.index(end) if end in ids else None])


def _check_words(words: Iterable[str]) -> list[str]:
    if isinstance(words, str):
        raise ValueError(f"words is the single word {words!r}; pass a list of words")
    words = list(words)
    for word in words:
        if not isinstance(word, str) or not word or not set(word) <= set(LETTERS[3:]):
            raise ValueError(f"cannot pronounce {word!r}; pass words of the letters a to z")
    return words


def find() -> Path:
    """The checkpoint of the installed package `g2p-en`, which is not imported for it."""
    spec = find_spec("g2p_en")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            "the weights are not installed; run: pip install --no-deps g2p-en", name="g2p_en"
        )
    return Path(spec.submodule_search_locations[0]) / "checkpoint20.npz"


def load(path: str | Path | None = None) -> G2P:
    """The pretrained model, ready to `pronounce`.

    Args:
        path: the authors' ``checkpoint20.npz``; None takes the one that `find` finds.

    Raises:
        ModuleNotFoundError: no path, and the package is absent.
        ValueError: a damaged file; names it and what is wrong with it.
    """
    path = find() if path is None else Path(path)
    model = G2P()
    arrays = _read(path)
    for name, parameter in model.named_parameters():
        array = arrays.get(_PARAMETERS[name])
        if array is None or array.shape != parameter.shape or array.dtype != np.float32:
            found = "absent" if array is None else f"{array.dtype} of shape {array.shape}"
            raise ValueError(
                f"{path} does not hold these weights: {_PARAMETERS[name]!r} is {found}, "
                f"not float32 of shape {tuple(parameter.shape)}"
            )
        parameter.data = torch.from_numpy(array)
    return model.eval()


def _read(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an npz file; no pickle is ever opened."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return {name: np.asarray(arrays[name]) for name in arrays}
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, TypeError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error

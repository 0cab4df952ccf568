"""From a trained model to the files that run it in a page, with no kernel.

A chapter describes its model by a kind, and exports it::

    live.export("facts", live.KeyValueMemory(model, words=..., names=...), seed=0)

A kind owns what a page can ask of its models: the graphs, and the fields of ``model.json``.
"""

from lecture_utils.live.export import export, load_weights, models_folder
from lecture_utils.live.images import Images
from lecture_utils.live.key_value_memory import KeyValueMemory
from lecture_utils.live.sequence_to_sequence import Language, Numerals, SequenceToSequence
from lecture_utils.live.story_memory import StoryMemory

__all__ = [
    "Images",
    "KeyValueMemory",
    "Language",
    "Numerals",
    "SequenceToSequence",
    "StoryMemory",
    "export",
    "load_weights",
    "models_folder",
]

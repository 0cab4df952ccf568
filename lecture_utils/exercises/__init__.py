"""The checks behind "try it yourself".

A check takes the reader's own function or number, tries it on cases, and says what is wrong in
words: ``exercises.softmax_with_mask(my_function)``. It never raises; its `Verdict` says whether
the exercise is solved. A check holds its own reference, so it needs no other room of the package.
"""

from lecture_utils.exercises.check import Verdict
from lecture_utils.exercises.memory import (
    change_of_a_shift,
    hop,
    key_value_hop,
    look_up,
    place_features,
    ranking,
    reinforce,
    slots_by_word,
    slots_until_outweighed,
    straight_through_gradient,
    tables_of_word_vectors,
    tempered_weights,
    weights_computed,
    window_around_median,
    windows,
    word_weights,
    write_and_forget,
)
from lecture_utils.exercises.sequences import (
    additive_score,
    alignment_error,
    beam_beats_greedy,
    entropy_in_bits,
    general_score,
    greedy_words,
    lstm_step,
    softmax_with_mask,
    steps_until_forgotten,
    two_steps,
    weighted_average,
)

__all__ = [
    "Verdict",
    "additive_score",
    "alignment_error",
    "beam_beats_greedy",
    "change_of_a_shift",
    "entropy_in_bits",
    "general_score",
    "greedy_words",
    "hop",
    "key_value_hop",
    "look_up",
    "lstm_step",
    "place_features",
    "ranking",
    "reinforce",
    "slots_by_word",
    "slots_until_outweighed",
    "softmax_with_mask",
    "steps_until_forgotten",
    "straight_through_gradient",
    "tables_of_word_vectors",
    "tempered_weights",
    "two_steps",
    "weighted_average",
    "weights_computed",
    "window_around_median",
    "windows",
    "word_weights",
    "write_and_forget",
]

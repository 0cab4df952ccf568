"""The checks behind "try it yourself".

A check takes the reader's own function or number, tries it on cases, and says what is wrong in
words: ``exercises.softmax_with_mask(my_function)``. It never raises; its `Verdict` says whether
the exercise is solved. A check holds its own reference, so it needs no other room of the package.
"""

from lecture_utils.exercises.attention_is_reading_a_memory import look_up, weights_computed
from lecture_utils.exercises.bahdanau_attention import (
    additive_score,
    alignment_error,
    entropy_in_bits,
)
from lecture_utils.exercises.bottleneck_attention_module import (
    open_by,
    reach_of,
    refined,
    weights_of_module,
)
from lecture_utils.exercises.check import Verdict
from lecture_utils.exercises.content_and_location_based_addressing import (
    change_of_a_shift,
    place_features,
    window_around_median,
)
from lecture_utils.exercises.convolutional_networks import (
    field_of,
    moves_along,
    side_after,
    slide,
)
from lecture_utils.exercises.encoder_attention_decoder import (
    general_score,
    softmax_with_mask,
    weighted_average,
)
from lecture_utils.exercises.encoder_decoder import beam_beats_greedy, greedy_words
from lecture_utils.exercises.end_to_end_memory_networks import (
    hop,
    tables_of_word_vectors,
    word_weights,
)
from lecture_utils.exercises.hard_and_soft_addressing import (
    reinforce,
    slots_until_outweighed,
    straight_through_gradient,
    tempered_weights,
)
from lecture_utils.exercises.key_value_memory_networks import key_value_hop, slots_by_word, windows
from lecture_utils.exercises.memory_networks import ranking, write_and_forget
from lecture_utils.exercises.multi_head_attention import (
    multi_head,
    parts_of_heads,
    without_head,
)
from lecture_utils.exercises.non_local_networks import (
    products_in_both_orders,
    read_of_places,
    read_without_weights,
    share_of_the_query,
)
from lecture_utils.exercises.queries_keys_and_values import (
    attention,
    leaks,
    may_read,
    queries_in_rows,
)
from lecture_utils.exercises.recurrent_networks import lstm_step, steps_until_forgotten, two_steps
from lecture_utils.exercises.residual_attention_network import (
    attended,
    halves_of_masks,
    left_behind,
    places_seen,
)
from lecture_utils.exercises.residual_networks import (
    gradient_through,
    layers_counted,
    residual,
    zeros_added,
)
from lecture_utils.exercises.squeeze_and_excitation_networks import (
    between_classes,
    moved,
    recalibrated,
    weights_of_gate,
)
from lecture_utils.exercises.the_transformer import mask_with_cache, normalised, places
from lecture_utils.exercises.the_transformer_at_work import (
    anywhere,
    exchange,
    lens,
    slots_from,
    stream_of,
)
from lecture_utils.exercises.training_the_transformer import rate, shifted, smoothed_loss
from lecture_utils.exercises.which_attention_where import ahead, fetched_or_weighed, reached

__all__ = [
    "Verdict",
    "additive_score",
    "ahead",
    "alignment_error",
    "anywhere",
    "attended",
    "attention",
    "beam_beats_greedy",
    "between_classes",
    "change_of_a_shift",
    "entropy_in_bits",
    "exchange",
    "fetched_or_weighed",
    "field_of",
    "general_score",
    "gradient_through",
    "greedy_words",
    "halves_of_masks",
    "hop",
    "key_value_hop",
    "layers_counted",
    "leaks",
    "left_behind",
    "lens",
    "look_up",
    "lstm_step",
    "mask_with_cache",
    "may_read",
    "moved",
    "moves_along",
    "multi_head",
    "normalised",
    "open_by",
    "parts_of_heads",
    "place_features",
    "places",
    "places_seen",
    "products_in_both_orders",
    "queries_in_rows",
    "ranking",
    "rate",
    "reach_of",
    "reached",
    "read_of_places",
    "read_without_weights",
    "recalibrated",
    "refined",
    "reinforce",
    "residual",
    "share_of_the_query",
    "shifted",
    "side_after",
    "slide",
    "slots_by_word",
    "slots_from",
    "slots_until_outweighed",
    "smoothed_loss",
    "softmax_with_mask",
    "steps_until_forgotten",
    "straight_through_gradient",
    "stream_of",
    "tables_of_word_vectors",
    "tempered_weights",
    "two_steps",
    "weighted_average",
    "weights_computed",
    "weights_of_gate",
    "weights_of_module",
    "window_around_median",
    "windows",
    "without_head",
    "word_weights",
    "write_and_forget",
    "zeros_added",
]

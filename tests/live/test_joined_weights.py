"""The weights of several steps become those that a view shows."""


def test_layers_heads_and_steps_are_put_in_order(node) -> None:
    node.load("kind", "lecture_utils/live/sequence_to_sequence.js")
    numbers = "[...Array(12).keys()].map(k => 100 * i + k)"
    steps = f"[0, 1, 2].map(i => ({{dims: [2, 2, 1, 3], data: {numbers}}}))"
    made = node.evaluate(
        f"() => {{ const s = kind.joined({steps}, 3); return {{...s, weights: [...s.weights]}}; }}"
    )
    assert made["shape"] == [2, 2, 3, 3]
    assert made["heads"] == ["head 1", "head 2"]
    by_hand = [100 * i + 3 * k + j for k in range(4) for i in range(3) for j in range(3)]
    assert made["weights"] == by_hand


def test_what_reads_nothing_and_what_has_one_head(node) -> None:
    node.load("kind", "lecture_utils/live/sequence_to_sequence.js")
    one = node.evaluate(
        "() => { const s = kind.joined([{dims: [1, 1, 2], data: [1, 2]}], 2); "
        "return [s.shape, [...s.weights]]; }"
    )
    assert one == [[1, 1, 1, 2], [1, 2]]
    assert node.evaluate("() => kind.joined([], 2).shape") == [1, 1, 0, 2]

"""Stories as tensors: what is in a batch, in which order, and what is refused."""

import pytest
import torch

from lecture_utils.data import babi

ONE = babi.Example(
    ("Mary moved to the bathroom.", "John took the milk.", "Mary left."),
    "Where is Mary?",
    "garden",
    (2, 0),
    1,
)
TWO = babi.Example(("Mary left.",), "Why?", "apple,milk", (0,), 8)


def told(questions, row):
    return [questions.tokens[i] for i in row.tolist() if i]


def test_a_batch_holds_the_words_of_its_examples():
    questions = babi.Questions([ONE, TWO], babi.tokens([ONE, TWO]))
    batch = questions.batch([1, 0])
    assert batch.story.shape == (2, 3)
    assert batch.story[0, :2].tolist() == [0, 0]  # empty before the only sentence
    for example, story, question, answer in zip(
        (TWO, ONE), batch.story, batch.question, batch.answer, strict=True
    ):
        sentences = [told(questions, batch.sentences[i]) for i in story.tolist() if i]
        assert sentences == [babi.words(text) for text in example.story]
        assert told(questions, question) == babi.words(example.question)
        assert questions.tokens[answer] == example.answer
    assert batch.sentences[0].eq(0).all()
    assert len(batch.sentences) == 4  # "Mary left." stands there once


def test_support_points_into_the_batch():
    questions = babi.Questions([ONE, TWO], babi.tokens([ONE, TWO]))
    assert questions.batch([0, 1]).support.tolist() == [[2, 0], [2, -1]]
    assert questions.batch([1]).support.tolist() == [[0, -1]]


def test_of_a_long_story_the_last_sentences_are_kept_and_forgotten_facts_are_marked():
    questions = babi.Questions([ONE], babi.tokens([ONE]), slots=2)
    batch = questions.batch([0])
    assert batch.story.shape == (1, 2)
    assert batch.support.tolist() == [[1, -1]]
    assert told(questions, batch.sentences[batch.story[0, 0]])[0] == "john"


@pytest.mark.parametrize("task", babi.TASKS)
def test_facts_of_every_task_are_where_they_were(task):
    made = babi.simulate(task, 50, seed=0)
    questions = babi.Questions(made, babi.tokens(made), slots=400)
    batch = questions.batch(slice(0, 50))
    for example, story, support in zip(made, batch.story, batch.support, strict=True):
        facts = [
            told(questions, batch.sentences[story[place]])
            for place in support.tolist()
            if place >= 0
        ]
        assert facts == [babi.words(example.story[fact]) for fact in example.support]


def test_a_round_holds_every_example_once_and_the_next_is_in_another_order():
    made = babi.simulate(1, 60, seed=0)
    questions = babi.Questions(made, babi.tokens(made))
    numbered = questions._answers.clone()
    questions._answers = torch.arange(60)
    drawn = questions.batches(20, seed=0)
    rounds = [torch.cat([next(drawn).answer for _ in range(3)]).tolist() for _ in range(2)]
    assert sorted(rounds[0]) == sorted(rounds[1]) == list(range(60))
    assert rounds[0] != rounds[1]
    assert len(numbered) == 60


def test_the_same_seed_gives_the_same_batches():
    made = babi.simulate(1, 60, seed=0)
    questions = babi.Questions(made, babi.tokens(made))
    first, again = (next(questions.batches(20, seed=3)) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([], [""]), "examples is empty"),
        (([ONE], ["x"]), r"tokens\[0\] must be"),
        (([ONE], ["", "mary"]), "The word 'moved' in 'Mary moved .*' is none of the known words."),
        (([ONE], babi.tokens([ONE]), 50, 2), "A sentence may have 2 words; one has 5."),
        (([ONE], ["", "a", "a"]), r"tokens must differ from each other; twice: \['a'\]"),
        (([ONE], babi.tokens([ONE]), 0), "slots is 0"),
        (([ONE], babi.tokens([ONE]), 50, 2.5), "width is 2.5"),
        (([TWO, ONE._replace(story=())], [""]), r"examples\[1\] has an empty story"),
        (([ONE._replace(support=(9,))], [""]), r"examples\[0\].support holds 9"),
        (
            ([ONE._replace(answer="moon")], babi.tokens([ONE])),
            "The answer 'moon' is none of the known",
        ),
    ],
)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        babi.Questions(*arguments)


def test_a_batch_larger_than_the_set_is_refused():
    questions = babi.Questions([ONE, TWO], babi.tokens([ONE, TWO]))
    with pytest.raises(ValueError, match="size is from 1 to 2"):
        next(questions.batches(3, seed=0))

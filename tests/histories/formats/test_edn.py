"""EDN: each kind of value, what is no EDN, and that another reader of EDN reads the same."""

from __future__ import annotations

from typing import Any

import edn_format  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.histories.formats import edn
from holdfast.histories.formats.edn import DEPTH_MAX, KEY_LENGTH_MAX, Unfinished, value_at, value_of
from holdfast.histories.formats.edn_atoms import INTEGER_DIGITS_MAX, EdnError
from holdfast.models.value import FrozenMapping

READ = {
    "nil": None,
    "true": True,
    "false": False,
    "0": 0,
    "-7": -7,
    "+7": 7,
    "12N": 12,
    "123456789012345678901234567890": 123456789012345678901234567890,
    "0x1F": 31,
    "-0xff": -255,
    "1.5": 1.5,
    "-0.0": -0.0,
    "5.": 5.0,
    "1e3": 1000.0,
    "1.5E-3": 0.0015,
    "1.5M": 1.5,
    "0.10000000000000000001M": "0.10000000000000000001",
    "-3/4": "-3/4",
    "##NaN": "NaN",
    "##Inf": "Infinity",
    "##-Inf": "-Infinity",
    ":read": "read",
    ":jepsen.core/read!": "jepsen.core/read!",
    ":n1": "n1",
    ":1": "1",
    "read": "read",
    "nilly": "nilly",
    "-": "-",
    "->x": "->x",
    '""': "",
    '"a b"': "a b",
    '"a\nb"': "a\nb",
    r'"\t\r\n\b\f\\\""': '\t\r\n\b\f\\"',
    r'"\u00e9\uD83D\uDE00"': "é😀",
    r"\a": "a",
    r"\(": "(",
    r"\\": "\\",
    r"\é": "é",
    r"\newline": "\n",
    r"\u": "u",
    r"\u00e9": "é",
    "[]": (),
    "()": (),
    "[1 2]": (1, 2),
    "(1, 2)": (1, 2),
    '[1[2]"a""b":c{}]': (1, (2,), "a", "b", "c", FrozenMapping({})),
    "[:append 3 nil]": ("append", 3, None),
    "#{}": (),
    "#{3 1 2}": (1, 2, 3),
    "#{:b nil 2 :a [1] 1.5 true}": (1.5, 2, "a", "b", (1,), None, True),
    "#{{:a 1 :b 2} {:c 3}}": (FrozenMapping({"a": 1, "b": 2}), FrozenMapping({"c": 3})),
    "{}": FrozenMapping({}),
    '{:a 1, "b" [2], c {:d nil}}': FrozenMapping({"a": 1, "b": (2,), "c": {"d": None}}),
    "{0 5, nil 6, [1 :x] 7, 1.5 8}": FrozenMapping({"0": 5, "null": 6, '[1,"x"]': 7, "1.5": 8}),
    "{{:b 1 :a 2} 3}": FrozenMapping({'{"a":2,"b":1}': 3}),
    '#inst "2020-01-01"': "2020-01-01",
    '#uuid "f81d4fae"': "f81d4fae",
    "#my/tag [1]": FrozenMapping({"#my/tag": (1,)}),
    "#a #b {:c 1}": FrozenMapping({"#a": {"#b": {"c": 1}}}),
    "[#_ 1 2 #_ [3 #_ 4] #_ #_ 5 6]": (2,),
    "#a #_ 1 2": FrozenMapping({"#a": 2}),
    "[1 ; ] two\n 2]": (1, 2),
    " ,\n; first\n 1 ; last": 1,
}


@pytest.mark.parametrize(("text", "value"), READ.items(), ids=READ)
def test_values(text: str, value: Any) -> None:
    read = value_of(text)
    assert read == value
    # Equality takes 1, 1.0 and true for the same; what is printed does not.
    assert repr(read) == repr(value)
    hash(read)


def test_a_set_is_read_alike_however_it_is_written() -> None:
    assert value_of("#{{:a 1 :b [2]} :x 3}") == value_of("#{3 {:b [2] :a 1} :x}")


WRONG = {
    "]": "] closes nothing",
    "[1)": ") stands where ] must close [",
    "#{1]": "] stands where } must close #{",
    "{1": "it ends in the middle of a value",
    '"a': "it ends in the middle of a value",
    '"a\\"': "it ends in the middle of a value",
    "\\": "it ends in the middle of a value",
    "#a": "it ends in the middle of a value",
    "": "it ends in the middle of a value",
    "; 1": "it ends in the middle of a value",
    "1 2": "it is not exactly one value",
    "#_ 1": "it is not exactly one value",
    "{:a}": "a map holds a key without a value",
    "{:a 1 :b 2 :a 3}": "a map holds the key 'a' twice",
    '{:a 1 "a" 2}': "a map holds the key 'a' twice",
    "[#_]": "#_ stands before ] instead of a value",
    "[#a]": "#a stands before ] instead of a value",
    "# a": "# stands without a tag",
    "[#": "it ends in the middle of a value",
    "[:": "it ends in the middle of a value",
    "#inst 5": "what follows #inst is not a string",
    r'"\q"': r"a string holds the bad escape \q",
    r'"\u12"': r"a string holds the bad escape \u",
    r'"\ud83d"': "it holds half of a surrogate pair",
    r"\ud83d": "it holds half of a surrogate pair",
    r"\foo": r"\foo is not a character",
    "01": "01 is not a number",
    "1a": "1a is not a number",
    "-.5": "-.5 is not a number",
    "2r101": "2r101 is not a number",
    "1/": "1/ is not a number",
    "1e999": "it holds a number that is out of range",
    "7" * (INTEGER_DIGITS_MAX + 1): "it holds a number that is out of range",
    "0x" + "f" * (INTEGER_DIGITS_MAX + 1): "it holds a number that is out of range",
    ":": ": is not a keyword",
    "::a": "::a is not a keyword",
    "[1 \x01]": "'\\x01' cannot stand here",
    "a\x00": "it is not exactly one value",
    "[" * 100_000: "its value is nested too deeply",
    "[" * (DEPTH_MAX + 1) + "]" * (DEPTH_MAX + 1): "its value is nested too deeply",
    "#a " * 100_000 + "1": "its value is nested too deeply",
    "#_ " * 100_000 + "1": "its value is nested too deeply",
    f'{{["{"x" * KEY_LENGTH_MAX}"] 1}}': "a map's key is too long",
    "{" * 50 + "1 1" + "} 1" * 49 + "}": "a map's key is too long",
}


@pytest.mark.parametrize(("text", "problem"), WRONG.items(), ids=[text[:20] for text in WRONG])
def test_what_is_no_edn_is_told(text: str, problem: str) -> None:
    with pytest.raises(EdnError) as caught:
        value_of(text)
    assert caught.value.problem == problem


def test_the_place_of_an_error() -> None:
    with pytest.raises(EdnError) as caught:
        value_of('[1\n ; x\n "ab\\q"]')
    assert caught.value.position == 10


def test_the_longest_integers_can_be_printed() -> None:
    for text in ("-" + "7" * (INTEGER_DIGITS_MAX - 1), "0x" + "f" * INTEGER_DIGITS_MAX):
        assert str(value_of(text))


def test_values_are_nested_as_deeply_as_promised() -> None:
    value: Any = value_of("[" * DEPTH_MAX + "]" * DEPTH_MAX)
    hash(value)
    for _ in range(DEPTH_MAX - 1):
        (value,) = value
    assert value == ()


@pytest.mark.parametrize("text", ["12", ":rea", "[1 2", '"a', "\\n", "; x", "#", "[#_", "#a"])
def test_more_text_is_asked_for(text: str) -> None:
    with pytest.raises(Unfinished):
        value_at(text, 0, final=False)


def test_a_value_that_is_closed_needs_no_more_text() -> None:
    assert value_at('["a"] x', 0, final=False) == (("a",), 5)
    assert value_at("{:a 1}", 0, final=False) == ({"a": 1}, 6)
    assert value_at("#_ 1 2", 0, final=False) == (edn.DISCARDED, 4)


names = st.from_regex(r"[a-zA-Z*!_?$%&=<>][a-zA-Z0-9*!_?$%&=<>+.-]{0,5}", fullmatch=True).filter(
    lambda name: name not in ("nil", "true", "false")
)
written_strings = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8).map(
    lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
)
integers = st.integers() | st.integers(-(10**30), 10**30)
floats = st.floats(allow_nan=False, allow_infinity=False).map(repr)
atoms = (
    st.sampled_from(["nil", "true", "false", r"\a", r"\newline", r"\space", r"\tab"])
    | integers.map(str)
    | integers.map("{}N".format)
    | floats
    | names
    | names.map(":{}".format)
    | st.tuples(names, names).map(":{0[0]}/{0[1]}".format)
    | written_strings
)
spaces = st.sampled_from([" ", ",", "\n", "\t ", ", ", " ;no ]\n", " #_ (1 [2]) ", " #_ #_ 1 :a "])


@st.composite
def _collections(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    kinds = [("[", "]"), ("(", ")"), ("{", "}"), ("#", "}"), ("t", "")]
    opener, closer = draw(st.sampled_from(kinds))
    if opener == "t":
        return f"#my/tag{draw(spaces)}{draw(inner)}"
    items = draw(st.lists(inner, max_size=4))
    if opener in "{#":
        keys = draw(st.lists(names, min_size=len(items), max_size=len(items), unique=True))
        both = [f":{key}{draw(spaces)}{item}" for key, item in zip(keys, items, strict=True)]
        items = both if opener == "{" else [f":{key}" for key in keys]
    opener = "#{" if opener == "#" else opener
    return opener + "".join(draw(spaces) + item for item in items) + draw(spaces) + closer


values = st.recursive(atoms, _collections, max_leaves=12)


def as_ours(value: Any) -> Any:
    """Return what edn_format read in the types in which we read it."""
    match value:
        case edn_format.Keyword() | edn_format.Symbol():
            ours: Any = value.name
        case edn_format.Char():
            ours = str(value)
        case edn_format.ImmutableList() | tuple() | list():
            ours = tuple(as_ours(item) for item in value)
        case edn_format.ImmutableDict():
            ours = FrozenMapping({as_ours(key): as_ours(item) for key, item in value.items()})
        case frozenset():
            ours = tuple(sorted(as_ours(item) for item in value))
        case Tagged():
            ours = FrozenMapping({f"#{value.tag}": as_ours(value.value)})
        case None | bool() | int() | float() | str():
            ours = value
        case _:
            raise AssertionError(f"{value!r} was not expected")
    return ours


class Tagged(edn_format.TaggedElement):  # type: ignore[misc]
    """What edn_format makes of ``#my/tag``."""

    def __init__(self, value: Any) -> None:
        self.tag = "my/tag"
        self.value = value


edn_format.add_tag("my/tag", Tagged)


@given(text=values)
def test_another_reader_reads_the_same(text: str) -> None:
    ours, theirs = value_of(text), as_ours(edn_format.loads(text))
    assert ours == theirs
    assert repr(ours) == repr(theirs)


@given(text=values)
def test_a_cut_value_is_never_taken_for_a_whole_one(text: str) -> None:
    whole = value_at(text, 0, final=True)
    for end in range(whole[1]):
        with pytest.raises(Unfinished):
            value_at(text[:end], 0, final=False)


@given(text=st.text('[](){}#_"\\;:,. \n-+0123456789aNeE/M\x00é', max_size=30))
def test_whatever_the_text_it_is_read_or_refused(text: str) -> None:
    place = 0
    try:
        value_of(text)
    except EdnError as error:
        place = error.position
    assert 0 <= place <= len(text)

"""Keys: everything that can change the artifact is in them, and nobody adds a field without choosing."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import pytest

from zcnb.model import key
from zcnb.model.digest import digest_bytes
from zcnb.model.key import spec_digest, step_key
from zcnb.model.spec import KEYED, BuildSpec

SPEC = BuildSpec(language="c++", source=b"int main() {}", cwd="/here", env={"PATH": "/bin"}, flags=("-O2",))

OTHER: dict[str, list[Any]] = {
    "language": ["c", "rust"],
    "source": [b"int main() { }", b"int main() {}\n", b""],
    "line_offset": [0, 2],
    "unit": ["cell2", ""],
    "flags": [(), ("-O3",), ("-O2", "-g"), ("-O2", ""), ("-O", "2")],
    "edition": ["2018", ""],
    "compiler": ["clang++"],
    "cwd": ["/there"],
    "env": [{}, {"PATH": "/usr/bin"}],
    "emit": ["asm", "preprocessed"],
    "remarks": [True],
    "slot": ["notes.ipynb:4"],
    "use_cache": [False],
}
"""For every field, values that differ from `SPEC`'s."""

STEP: dict[str, Any] = {
    "step": "compile",
    "identity": digest_bytes(b"g++"),
    "argv": ["g++", "-c", "cell.cpp"],
    "env": {"LANG": "C"},
    "material": [digest_bytes(b"a"), digest_bytes(b"b")],
    "cwd": None,
}


def changed(keyed: bool) -> list[tuple[str, Any]]:
    return [
        (entry.name, value)
        for entry in fields(BuildSpec)
        if entry.metadata[KEYED] is keyed
        for value in OTHER[entry.name]
    ]


def test_the_table_has_every_field() -> None:
    assert OTHER.keys() == {entry.name for entry in fields(BuildSpec)}
    for name, values in OTHER.items():
        assert values, name
        assert getattr(SPEC, name) not in values, name


@pytest.mark.parametrize(("name", "value"), changed(True))
def test_changing_a_keyed_field_changes_the_key(name: str, value: Any) -> None:
    assert spec_digest(replace(SPEC, **{name: value})) != spec_digest(SPEC)


@pytest.mark.parametrize(("name", "value"), changed(False))
def test_changing_an_unkeyed_field_does_not(name: str, value: Any) -> None:
    assert spec_digest(replace(SPEC, **{name: value})) == spec_digest(SPEC)


def test_just_what_must_be_keyed_is() -> None:
    """Written down a second time: a missing one would be a wrong hit, one too many would be needless misses."""
    keyed = {entry.name for entry in fields(BuildSpec) if entry.metadata[KEYED]}
    assert keyed == {"language", "source", "line_offset", "unit", "flags", "edition", "emit", "remarks"}


def test_all_changes_make_different_keys() -> None:
    digests = [spec_digest(replace(SPEC, **{name: value})) for name, value in changed(True)]
    assert len(set(digests)) == len(digests)


def test_the_order_of_flags_counts() -> None:
    one, two = (spec_digest(replace(SPEC, flags=flags)) for flags in (("-DV", "-UV"), ("-UV", "-DV")))
    assert one != two


def test_equal_specs_have_equal_keys() -> None:
    assert spec_digest(replace(SPEC)) == spec_digest(SPEC)


def test_every_unkeyed_field_says_why() -> None:
    for entry in fields(BuildSpec):
        assert entry.metadata[KEYED] or len(entry.metadata["why"]) > 10, entry.name


def test_a_field_without_a_choice_cannot_be_keyed_at_all() -> None:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Grown(BuildSpec):
        sanitize: bool = False

    grown = Grown(language="c", source=b"", cwd="/", env={})
    with pytest.raises(TypeError, match="sanitize must be declared"):
        spec_digest(grown)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("step", "link"),
        ("identity", digest_bytes(b"clang++")),
        ("argv", ["g++", "-c", "cell.cpp", ""]),
        ("argv", ["g++ -c", "cell.cpp"]),
        ("argv", ["-c", "g++", "cell.cpp"]),
        ("env", {}),
        ("env", {"LANG": "de"}),
        ("env", {"LC_ALL": "C"}),
        ("env", {"LANG": "C", "TZ": ""}),
        ("material", [digest_bytes(b"a")]),
        ("material", [digest_bytes(b"b"), digest_bytes(b"a")]),
        ("cwd", "/here"),
        ("cwd", ""),
    ],
)
def test_each_argument_changes_the_steps_key(name: str, value: Any) -> None:
    assert step_key(**STEP | {name: value}) != step_key(**STEP)


def test_the_kind_of_container_does_not() -> None:
    same = {"argv": tuple(STEP["argv"]), "material": tuple(STEP["material"]), "env": dict(STEP["env"])}
    assert step_key(**STEP | same) == step_key(**STEP)


def test_one_schema_never_answers_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    before = step_key(**STEP)
    monkeypatch.setattr(key, "SCHEMA", key.SCHEMA + 1)
    assert step_key(**STEP) != before


def test_a_step_is_no_list_of_its_parts() -> None:
    """Moving a word from one argument to the next is another step."""
    one = step_key(**STEP | {"argv": ["g++"], "material": [digest_bytes(b"a")]})
    two = step_key(**STEP | {"argv": ["g++", digest_bytes(b"a")], "material": []})
    assert one != two


def test_the_units_name_and_text() -> None:
    names = {"c": "x.c", "c++": "x.cpp", "rust": "x.rs"}
    for language, name in names.items():
        assert replace(SPEC, language=language, unit="x").filename == name  # type: ignore[arg-type]
    assert replace(SPEC, line_offset=3, source=b"a").text == b"\n\n\na"
    assert replace(SPEC, line_offset=0).text == SPEC.source

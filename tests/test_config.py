"""Settings: defaults < site file < user file < environment; a bad value names its source."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from zcnb import config
from zcnb.config import GIB, SETTINGS, Config, load
from zcnb.errors import ConfigError, PersonError
from zcnb.osdep import runtime_folder

NO_FILES: list[Path] = []


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "zcnb_config.toml"


def test_without_files_and_variables_the_defaults_hold() -> None:
    assert load({}, NO_FILES) == Config()
    made = Config()
    assert (made.wire, made.disable, made.fallback, made.widgets, made.socket) == ("tagged", False, True, True, None)
    assert (made.max_size, made.idle_timeout, made.pipe_pool_size) == (0, 1800.0, 0)
    assert (made.wedge_recv_timeout, made.wedge_probe_budget, made.disable_link_retry) == (180.0, 3.0, False)


def test_every_field_is_a_setting_and_every_setting_a_field() -> None:
    assert [setting.name for setting in SETTINGS] == [entry.name for entry in fields(Config)]


EACH: list[tuple[str, str, str, Any]] = [
    # setting, in the file, in the environment, its value
    ("cache_dir", "'/c'", "/c", Path("/c")),
    ("socket", "'/tmp/s'", "/tmp/s", Path("/tmp/s")),
    ("max_size", "'2G'", "2G", 2 * GIB),
    ("max_size", "4096", "4096", 4096),
    ("idle_timeout", "2.5", "2.5", 2.5),
    ("idle_timeout", "0", "0", 0.0),
    ("wire", "'plain'", "plain", "plain"),
    ("wire", "'envelope'", "envelope", "envelope"),
    ("disable", "true", "1", True),
    ("fallback", "false", "0", False),
    ("pipe_pool_size", "32", "32", 32),
    ("pipe_pool_size", "'1024'", " 1024 ", 1024),
    ("wedge_recv_timeout", "60", "60", 60.0),
    ("wedge_recv_timeout", "0", "0", 0.0),
    ("wedge_probe_budget", "500", "500", 0.5),
    ("wedge_probe_budget", "0", "0", 0.0),
    ("disable_link_retry", "true", "1", True),
    ("interactive_slots", "1", "1", 1),
    ("interactive_slots", "128", "128", 128),
    ("batch_slots", "4", " 4 ", 4),
    ("interactive_nice", "5", "5", 5),
    ("batch_nice", "19", "19", 19),
    ("batch_nice", "0", "0", 0),
    ("interactive_memory", "'2G'", "2G", 2 * GIB),
    ("batch_memory", "'256M'", "256M", GIB // 4),
    ("batch_memory", "0", "0", 0),
    ("tool_timeout", "60", "60", 60.0),
    ("shutdown_term_grace", "0", "0", 0.0),
    ("runner_address", "'/run/me/r.sock'", "/run/me/r.sock", "/run/me/r.sock"),
    ("runner_hosts", "'::1, box'", "::1 box", ("::1", "box")),
    ("runner_secret", "'/s'", "/s", Path("/s")),
    ("inotify", "false", "0", False),
    ("debug", "true", "1", True),
]
ONLY_IN_FILES = [("cpp", "'clang++'", "clang++"), ("c", "'tcc'", "tcc"), ("rust", "'rustc'", "rustc"), ("widgets", "false", False)]  # fmt: skip # noqa: E501


def variable(name: str) -> str:
    found = {setting.name: setting.variable for setting in SETTINGS}[name]
    assert found is not None
    return found


def test_these_tables_know_every_setting() -> None:
    assert {row[0] for row in EACH} == {setting.name for setting in SETTINGS if setting.variable}
    assert {row[0] for row in ONLY_IN_FILES} == {setting.name for setting in SETTINGS if not setting.variable}


@pytest.mark.parametrize(("name", "toml", "text", "value"), EACH)
def test_from_a_file_and_from_the_environment(file: Path, name: str, toml: str, text: str, value: Any) -> None:
    file.write_text(f"{name} = {toml}\n")
    expected = replace(Config(), **{name: value})
    assert load({}, [file]) == load({variable(name): text}, NO_FILES) == expected
    assert expected != Config()


@pytest.mark.parametrize(("name", "toml", "value"), ONLY_IN_FILES)
def test_from_a_file_only(file: Path, name: str, toml: str, value: Any) -> None:
    file.write_text(f"{name} = {toml}\n")
    assert load({}, [file]) == replace(Config(), **{name: value})


def test_the_environment_wins_over_the_user_and_the_user_over_the_site(tmp_path: Path) -> None:
    site, user = tmp_path / "site.toml", tmp_path / "user.toml"
    site.write_text("wire = 'plain'\nmax_size = '1G'\ncpp = 'site++'\n")
    user.write_text("wire = 'envelope'\nmax_size = '2G'\n")
    made = load({"ZCNB_WIRE": "tagged"}, [site, user])
    assert (made.wire, made.max_size, made.cpp) == ("tagged", 2 * GIB, "site++")


def test_off_in_the_environment_wins_over_on_in_a_file(file: Path) -> None:
    file.write_text("disable = true\n")
    assert load({}, [file]).disable
    assert not load({"ZCNB_DISABLE": "0"}, [file]).disable


def test_an_empty_variable_is_none(file: Path) -> None:
    file.write_text("max_size = '1G'\n")
    assert load({"ZCNB_MAX_SIZE": "", "ZCNB_CACHE_DIR": ""}, [file]) == replace(Config(), max_size=GIB)


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZCNB_WIRE", "plain")
    assert load(files=NO_FILES).wire == "plain"


def test_the_files_are_found_site_before_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_DIRS", f"{tmp_path}/first:{tmp_path}/second")
    monkeypatch.setenv("XDG_CONFIG_HOME", f"{tmp_path}/home")
    found = [path for path in config.config_files() if path.is_relative_to(tmp_path)]
    assert [str(path.relative_to(tmp_path)) for path in found] == [
        f"{folder}/zcnb_config.toml" for folder in ("second/zcnb", "first/zcnb", "home/zcnb")
    ]


def test_missing_files_are_no_settings(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    assert load({}, [tmp_path / "none.toml", tmp_path / "plain" / "zcnb_config.toml"]) == Config()


BAD = [
    ("ZCNB_MAX_SIZE", "much", "a size such as"),
    ("ZCNB_MAX_SIZE", "-1", "a size such as"),
    ("ZCNB_MAX_SIZE", "5 bananas", "a size such as"),
    ("ZCNB_MAX_SIZE", "1e9", "a size such as"),
    ("ZCNB_MAX_SIZE", "9" * 400, "a size such as"),
    ("ZCNB_IDLE_TIMEOUT_SECS", "-1", "a number of seconds"),
    ("ZCNB_IDLE_TIMEOUT_SECS", "nan", "a number of seconds"),
    ("ZCNB_IDLE_TIMEOUT_SECS", "inf", "a number of seconds"),
    ("ZCNB_IDLE_TIMEOUT_SECS", "soon", "a number of seconds"),
    ("ZCNB_WIRE", "Tagged", "one of plain, tagged, envelope"),
    ("ZCNB_WIRE", "tcp", "one of plain, tagged, envelope"),
    ("ZCNB_DISABLE", "maybe", "on or off"),
    ("ZCNB_FALLBACK", "2", "on or off"),
    ("ZCNB_PIPE_POOL_SIZE", "-1", "a whole number from 0 to 1024"),
    ("ZCNB_PIPE_POOL_SIZE", "1025", "a whole number from 0 to 1024"),
    ("ZCNB_PIPE_POOL_SIZE", "1.5", "a whole number from 0 to 1024"),
    ("ZCNB_PIPE_POOL_SIZE", "many", "a whole number from 0 to 1024"),
    ("ZCNB_WEDGE_RECV_TIMEOUT_SECS", "soon", "a number of seconds"),
    ("ZCNB_WEDGE_PROBE_BUDGET_MS", "3s", "a number of milliseconds"),
    ("ZCNB_WEDGE_PROBE_BUDGET_MS", "-1", "a number of milliseconds"),
    ("ZCNB_DISABLE_LINK_RETRY", "never", "on or off"),
    ("ZCNB_INTERACTIVE_SLOTS", "0", "a whole number from 1 to 128"),
    ("ZCNB_INTERACTIVE_SLOTS", "129", "a whole number from 1 to 128"),
    ("ZCNB_BATCH_SLOTS", "0", "a whole number from 1 to 128"),
    ("ZCNB_BATCH_SLOTS", "many", "a whole number from 1 to 128"),
    ("ZCNB_INTERACTIVE_NICE", "-1", "a whole number from 0 to 19"),
    ("ZCNB_BATCH_NICE", "20", "a whole number from 0 to 19"),
    ("ZCNB_INTERACTIVE_MEMORY", "1M", "0 for no limit, or a size from 256M on"),
    ("ZCNB_BATCH_MEMORY", "some", "a size such as"),
    ("ZCNB_TOOL_TIMEOUT_SECS", "-1", "a number of seconds"),
    ("ZCNB_SHUTDOWN_TERM_GRACE_SECS", "soon", "a number of seconds"),
    ("ZCNB_RUNNER_ADDRESS", "here", "an absolute path, host:port, or host:first-last"),
    ("ZCNB_DEBUG", "verbose", "on or off"),
]


@pytest.mark.parametrize(("name", "text", "expected"), BAD)
def test_a_bad_variable_is_named_with_what_it_may_be(name: str, text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load({name: text}, NO_FILES)
    said = str(caught.value)
    assert said.startswith(f"{name} is {text!r}")
    assert expected in said
    assert isinstance(caught.value, PersonError)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("max_size = 'much'", "a size such as"),
        ("max_size = -1", "a size such as"),
        ("wire = 3", "one of plain"),
        ("wire = ['plain']", "one of plain"),
        ("widgets = 'perhaps'", "on or off"),
        ("idle_timeout = true", "a number of seconds"),
        ("cache_dir = ''", "a folder"),
        ("pipe_pool_size = true", "a whole number"),
    ],
)
def test_a_bad_value_in_a_file_is_named_with_the_file(file: Path, line: str, expected: str) -> None:
    file.write_text(line)
    with pytest.raises(ConfigError) as caught:
        load({}, [file])
    assert str(caught.value).startswith(f"{file}: {line.split()[0]} is ")
    assert expected in str(caught.value)


TCP = {"ZCNB_RUNNER_ADDRESS": "127.0.0.1:9000-9009", "ZCNB_RUNNER_SECRET": "/s"}


def test_a_runner_on_a_port_needs_an_allowed_host_and_a_secret() -> None:
    assert load(TCP, NO_FILES).runner_address == "127.0.0.1:9000-9009"
    assert load({"ZCNB_RUNNER_ADDRESS": "/run/r.sock"}, NO_FILES).runner_secret is None
    with pytest.raises(ConfigError, match=r"names the host 127\.0\.0\.1, but runner_hosts .* allows just ::1"):
        load(TCP | {"ZCNB_RUNNER_HOSTS": "::1"}, NO_FILES)
    with pytest.raises(ConfigError, match="open to every user of its machine: set runner_secret"):
        load({"ZCNB_RUNNER_ADDRESS": "localhost:9000"}, NO_FILES)


def test_an_unknown_setting_is_named_with_the_known_ones(file: Path) -> None:
    file.write_text("wire = 'plain'\ncache_size = 5\n")
    with pytest.raises(ConfigError) as caught:
        load({}, [file])
    assert str(caught.value).startswith(f"{file}: unknown setting 'cache_size'; known are cache_dir, socket, max_size")


@pytest.mark.parametrize("content", [b"wire = ", b"wire = 'plain'\nwire = 'plain'", b"\xff\xfe"])
def test_a_file_that_is_no_toml_is_named(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load({}, [file])
    assert str(caught.value).startswith(f"{file} cannot be read: ")


def test_a_folder_for_a_file_is_named(file: Path) -> None:
    file.mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        load({}, [file])


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("123", 123),
        ("123b", 123),
        ("1k", 1024),
        ("1K", 1024),
        ("1kb", 1024),
        ("1 KiB", 1024),
        ("500M", 500 * 1024**2),
        ("5G", 5 * GIB),
        ("5GB", 5 * GIB),
        ("1.5G", 3 * GIB // 2),
        ("2T", 2 * 1024 * GIB),
        ("  7m  ", 7 * 1024**2),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert load({"ZCNB_MAX_SIZE": text}, NO_FILES).max_size == size


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", True), ("true", True), ("Yes", True), (" on ", True),
        ("0", False), ("FALSE", False), ("no", False), ("off", False),
    ],
)  # fmt: skip
def test_switches(text: str, value: bool) -> None:
    assert load({"ZCNB_DISABLE": text}, NO_FILES).disable is value
    assert load({"ZCNB_FALLBACK": text}, NO_FILES).fallback is value


def test_folders_are_absolute_and_know_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert load({"ZCNB_CACHE_DIR": "~/cache"}, NO_FILES).cache_dir == tmp_path / "cache"
    assert load({"ZCNB_CACHE_DIR": "a/../cache"}, NO_FILES).cache_dir == tmp_path / "cache"


def test_two_cache_folders_are_two_endpoints(tmp_path: Path) -> None:
    one, two = (Config(cache_dir=tmp_path / name) for name in "ab")
    assert one.endpoint != two.endpoint
    assert one.endpoint == Config(cache_dir=tmp_path / "a", wire="plain").endpoint
    assert one.endpoint.parent == two.endpoint.parent == runtime_folder()


def test_one_cache_folder_by_two_names_is_one_endpoint(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to("a")
    assert Config(cache_dir=tmp_path / "a").endpoint == Config(cache_dir=tmp_path / "link").endpoint
    assert Config(cache_dir=tmp_path / "a").endpoint == Config(cache_dir=tmp_path / "b" / ".." / "a").endpoint


def test_an_endpoint_fits_into_a_sockets_path_however_long_the_folders_is(tmp_path: Path) -> None:
    assert len(os.fsencode(Config(cache_dir=tmp_path / ("x" * 200)).endpoint)) < 60


def test_another_socket_can_be_chosen(tmp_path: Path) -> None:
    made = load({"ZCNB_SOCKET": "/tmp/other.sock", "ZCNB_CACHE_DIR": str(tmp_path)}, NO_FILES)
    assert made.endpoint == Path("/tmp/other.sock")

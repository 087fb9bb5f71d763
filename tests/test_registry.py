"""Registries: one file a thing, found without being listed anywhere."""

from __future__ import annotations

import pytest

from holdfast.models import MODELS
from holdfast.models.mutex import Mutex
from holdfast.registry import Registry, UnknownName


def test_every_module_of_the_package_is_found() -> None:
    assert {"mutex", "owned-mutex", "fenced-mutex", "register", "cas-register"} <= set(
        MODELS.names()
    )


def test_an_unknown_name_is_told_with_the_nearest_and_all_known() -> None:
    with pytest.raises(UnknownName, match=r"did you mean 'mutex'\?.*owned-mutex"):
        MODELS["mutexx"]


def test_what_is_not_registered_is_named_by_module_and_attribute() -> None:
    assert MODELS["holdfast.models.mutex:Mutex"] is Mutex
    for name in ("no.such.module:Mutex", "holdfast.models.mutex:Nothing", ":"):
        with pytest.raises(UnknownName, match="cannot be imported"):
            MODELS[name]


def test_a_name_is_given_once() -> None:
    registry: Registry[object] = Registry("thing", "holdfast.models")
    registry.register("one")(object())
    with pytest.raises(ValueError, match="'one' is taken"):
        registry.register("one")(object())


def test_iteration_is_sorted_by_name() -> None:
    names = [name for name, _ in MODELS]
    assert names == sorted(names)

"""Named things that a newcomer adds by writing one new file: models, systems, faults, formats, engines."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from typing import Generic, TypeVar

T = TypeVar("T")
Registered = TypeVar("Registered")


class UnknownName(LookupError):
    """A name was asked for that nothing is registered under."""


class Registry(Generic[T]):
    """The things of one kind, by name.

    A thing is found when it stands in a module of ``package`` and carries the ``register`` decorator, or
    when an installed distribution names it under the entry-point group ``holdfast.<kind>s``. The modules
    are imported at the first look-up and not before, so that ``import holdfast`` stays light.

    Args:
        kind: what one thing is called, in the singular (``model``), for messages and entry points.
        package: the full name of the package whose modules are searched.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self._package = package
        self._things: dict[str, T] = {}
        self._discovered = False

    def register(self, name: str) -> Callable[[Registered], Registered]:
        """Return a decorator that registers what it decorates under ``name``.

        Raises:
            ValueError: the name is taken by another thing.
        """

        def add(thing: Registered) -> Registered:
            taken = self._things.get(name)
            if taken is not None and taken is not thing:
                raise ValueError(f"the {self.kind} name {name!r} is taken by {taken!r}")
            self._things[name] = thing  # type: ignore[assignment]
            return thing

        return add

    def names(self) -> tuple[str, ...]:
        """Return every registered name, sorted."""
        self._discover()
        return tuple(sorted(self._things))

    def __iter__(self) -> Iterator[tuple[str, T]]:
        """Yield (name, thing), sorted by name."""
        return ((name, self._things[name]) for name in self.names())

    def __getitem__(self, name: str) -> T:
        """Return the thing registered under ``name``, or the one that ``MODULE:ATTRIBUTE`` names.

        Raises:
            UnknownName: there is none; the message lists what there is.
        """
        if ":" in name:
            return self._import(name)
        self._discover()
        try:
            return self._things[name]
        except KeyError:
            close = difflib.get_close_matches(name, self._things, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            known = ", ".join(self.names()) or "none"
            raise UnknownName(f"no {self.kind} {name!r}; {hint}there are: {known}") from None

    def _import(self, name: str) -> T:
        module, _, attribute = name.partition(":")
        try:
            return getattr(importlib.import_module(module), attribute)  # type: ignore[no-any-return]
        except (ImportError, AttributeError, ValueError) as error:
            raise UnknownName(f"the {self.kind} {name!r} cannot be imported: {error}") from None

    def _discover(self) -> None:
        if self._discovered:
            return
        package = importlib.import_module(self._package)
        for module in pkgutil.iter_modules(package.__path__, self._package + "."):
            try:
                importlib.import_module(module.name)
            except Exception as error:
                raise RuntimeError(
                    f"looking for {self.kind}s, {module.name} could not be imported "
                    f"({type(error).__name__}: {error}): mend or remove it"
                ) from error
        for entry in entry_points(group=f"holdfast.{self.kind}s"):
            self.register(entry.name)(entry.load())
        self._discovered = True

"""The one place that decides whether a call that raised had certainly no effect (fail) or may have (info)."""

from __future__ import annotations

from holdfast.histories.operation import Outcome


class DefiniteFailure(Exception):
    """A call certainly had no effect. Its message is recorded as the event's ``error``."""


class NotSent(DefiniteFailure):
    """The request never reached a server: there was no connection to send it over."""


class ServerRefused(DefiniteFailure):
    """A server answered a request with an error and did nothing."""


class NotAcquired(DefiniteFailure):
    """The lock was not granted, and cannot be granted to this token any more."""


class NotHeld(DefiniteFailure):
    """A release was refused, since its token does not hold the lock."""


class StaleToken(DefiniteFailure):
    """A write was refused, since a higher fencing token has been seen."""


class NoAnswer(Exception):
    """A request was sent, or may have been, and no answer came in time. It may have taken effect."""


def outcome_of(error: BaseException) -> tuple[Outcome, str]:
    """Return the outcome of a call that raised ``error``, and what to record as its error.

    Whatever is not known to be definite is ``info``: a time-out, a lost connection, a bug in a client
    library. Taking an unknown outcome for a failure accuses correct locks; the reverse only weakens the
    verdict.
    """
    words = str(error) or type(error).__name__
    if isinstance(error, DefiniteFailure):
        return Outcome.FAIL, words
    return Outcome.INFO, words

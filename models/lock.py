"""What the models of locks have in common: what a failed call or a read says, and refusals."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence

from attrs import field, frozen

from holdfast.models.model import Call, Example, Fail, Info, Ok, Refused, Result
from holdfast.models.value import Value

ACQUIRE, RELEASE, IS_LOCKED, HOLDER = "acquire", "release", "is_locked", "holder"

TAKE = "take the lock"
TAKE_UNDER_TOKEN = "take the lock under a token"
GIVE_BACK = "give it back"
GIVE_BACK_TOKEN = "give back what the token holds"
TELL_WHETHER = "tell whether an acquire would have to wait: true or false"
TELL_WHO = "tell the token that holds, or null"

FAILED_THOUGH_FREE = Refused("the acquire failed, but nobody holds the lock")
ALREADY_HELD = Refused("already held")
NOT_HELD = Refused("not held")


@frozen
class LockByToken:
    """What all locks by token have in common: which calls carry one, and what their failures say.

    Args:
        failed_acquire_means_held: read a failed acquire as the observation that it had to fail.
        failed_release_means_not_holder: read a failed release as the observation that its token did
            not hold.
    """

    failed_acquire_means_held: bool = field(default=False, kw_only=True)
    failed_release_means_not_holder: bool = field(default=False, kw_only=True)

    @property
    def observed_failures(self) -> Collection[str]:
        """The functions whose failures are observations."""
        acquires = acquires_observed(self.failed_acquire_means_held)
        return (*acquires, RELEASE) if self.failed_release_means_not_holder else acquires

    @property
    def token_calls(self) -> Collection[str]:
        """The functions whose value is a token."""
        return (ACQUIRE, RELEASE)


def not_the_holder(holder: tuple[Value, ...], token: Value) -> Refused:
    """Return the refusal of a release by ``token``, which is not the holder."""
    return Refused(f"held by {holder[0]!r}, not by {token!r}") if holder else NOT_HELD


def failed_though_holding(token: Value) -> Refused:
    """Return the refusal of a failed release by ``token``, which holds."""
    return Refused(f"the release failed, but {token!r} holds the lock")


def acquires_observed(failed_acquire_means_held: bool) -> tuple[str, ...]:
    """Return the functions whose failures are observations, where only an acquire's may be."""
    return (ACQUIRE,) if failed_acquire_means_held else ()


def wrong_read(locked: bool, result: Result) -> Refused | None:
    """Return the refusal of a call of ``is_locked`` with this result, if it is wrong."""
    if not isinstance(result, Ok) or result.value == locked:
        return None
    return ALREADY_HELD if locked else NOT_HELD


def wrong_holder(holder: tuple[Value, ...], result: Result) -> Refused | None:
    """Return the refusal of a call of ``holder`` with this result, if it is wrong."""
    told = holder[0] if holder else None
    if not isinstance(result, Ok) or result.value == told:
        return None
    return Refused(f"held by {told!r}, not by {result.value!r}") if holder else NOT_HELD


def examples_of(
    grants: Sequence[Result],
    arguments: Sequence[Value],
    failing: Collection[str],
    reads: Sequence[Example] = (),
) -> list[Example]:
    """Return calls of a lock with their results, as ``WithExamples`` wants them.

    Args:
        grants: what an acquire may answer.
        arguments: the tokens or owners, ``(None,)`` where there are none.
        failing: the functions whose failures are observations.
        reads: examples of further reads.
    """
    answers: dict[str, Sequence[Result]] = {ACQUIRE: grants, RELEASE: (Ok(), Info())}
    calls = [(Call(f, argument), f) for f in answers for argument in arguments]
    done: list[Example] = [(call, answer) for call, f in calls for answer in answers[f]]
    failed: list[Example] = [(call, Fail()) for call, f in calls if f in failing]
    told: Sequence[Result] = (Ok(True), Ok(False), Info())
    is_locked: list[Example] = [(Call(IS_LOCKED), answer) for answer in told]
    return [*done, *failed, *is_locked, *reads]


def holder_reads(tokens: Sequence[Hashable]) -> list[Example]:
    """Return examples of ``holder`` with each token and with nobody as its result."""
    answers: list[Result] = [Ok(token) for token in (None, *tokens)]
    return [(Call(HOLDER), answer) for answer in (*answers, Info())]

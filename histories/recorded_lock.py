"""Any blocking lock with its calls recorded: code as it is, judged as ours is."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Protocol

from holdfast.histories.calls import Client
from holdfast.histories.outcome import NotAcquired


class BlockingLock(Protocol):
    """A lock as most libraries offer it; ``acquire`` returns false where it was not granted."""

    def acquire(self, *arguments: Any, **options: Any) -> Any:
        """Take the lock."""
        ...

    def release(self, *arguments: Any, **options: Any) -> Any:
        """Give it back."""
        ...


class RecordedLock:
    """Records what one client does with a lock; every acquire is made under a token of its own.

    An exception leaves it unknown whether the call happened, unless it is one that means that it did not.

    Args:
        lock: the client's end of the lock.
        client: where its calls are recorded, as ``Recorder.client`` gives it.
        key: the key under which they are recorded, where there are several locks.
        refusals: exceptions by which the lock says that a call certainly had no effect.
    """

    def __init__(
        self,
        lock: BlockingLock,
        client: Client,
        *,
        key: str | None = None,
        refusals: tuple[type[Exception], ...] = (),
    ) -> None:
        self._lock = lock
        self._client = client
        self._key = key
        self._refusals = refusals
        self._acquires = 0
        self._name = client.process

    def acquire(self, *arguments: Any, **options: Any) -> Any:
        """Call the lock's ``acquire`` and return what it returns."""
        self._acquires += 1
        return self._call("acquire", *arguments, **options)

    def release(self, *arguments: Any, **options: Any) -> Any:
        """Call the lock's ``release`` and return what it returns."""
        return self._call("release", *arguments, **options)

    def __enter__(self) -> RecordedLock:
        if self.acquire() is False:
            raise NotAcquired("the lock was not granted")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    def _call(self, f: str, *arguments: Any, **options: Any) -> Any:
        token = f"{self._name}-{self._acquires}"
        with self._client.invoke(f, token, self._key) as call:
            try:
                answer = getattr(self._lock, f)(*arguments, **options)
            except self._refusals as error:
                call.fail(error)
                raise
            if answer is False:
                call.fail("refused")
            else:
                call.ok()
        return answer

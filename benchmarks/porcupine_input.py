"""A history as lines of words for the driver of Porcupine: just what `holdfast.check` gives its engine.

Both checkers so decide the same question: the same operations in the same real-time order, without
failed calls that tell nothing. The words are separated by tabs and are JSON values, but for:

    MODEL INITIAL_VALUE           the first line
    call NUMBER KEY F ARGUMENT…   an invocation; the two values of a cas stand apart
    return NUMBER ok RESULT       its return; a call of unknown outcome has none
    return NUMBER fail            a failed call that tells something
    return NUMBER unknown         a call that returned, but whose result tells nothing
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from holdfast import read_history
from holdfast.checker.options import parse_model
from holdfast.checker.problem import Problem
from holdfast.checker.question import questions_of
from holdfast.histories import History
from holdfast.models import Call, Fail, Model, Ok
from holdfast.models.value import thaw


def lines_of(history: History, model_name: str, model: Model[Any]) -> Iterator[str]:
    """Yield the lines of the driver's input, without their line breaks."""
    yield f"{model_name}\t{_word(getattr(model, 'initial_value', None))}"
    for question in questions_of(history, model, None):
        yield from _events(question.problem, _word(question.key))


def _events(problem: Problem, key: str) -> Iterator[str]:
    for mark in problem.endpoints:
        place = mark if mark >= 0 else ~mark
        number = problem.columns.number[place]
        if mark >= 0:
            call = problem.calls[place]
            yield "\t".join(["call", str(number), key, call.f, *map(_word, _arguments(call))])
            continue
        yield f"return\t{number}\t{_answer(problem, place)}"


def _answer(problem: Problem, place: int) -> str:
    result = problem.results[place]
    if isinstance(result, Fail):
        return "fail"
    assert isinstance(result, Ok)
    without_null = getattr(problem.model, "null_read_is_unknown", False)
    if without_null and result.value is None and problem.calls[place].f == "read":
        return "unknown"
    return f"ok\t{_word(result.value)}"


def _arguments(call: Call) -> tuple[Any, ...]:
    return call.value if call.f == "cas" else (call.value,)  # type: ignore[return-value]


def _word(value: Any) -> str:
    return msgspec.json.encode(thaw(value)).decode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("history", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--model", required=True, help="as for holdfast check")
    parser.add_argument("--format", help="as for holdfast check")
    options = parser.parse_args()
    history = read_history(options.history, options.format)
    lines = lines_of(history, options.model.partition(",")[0], parse_model(options.model))
    with options.output.open("w", encoding="utf-8") as file:
        file.writelines(line + "\n" for line in lines)


if __name__ == "__main__":
    main()

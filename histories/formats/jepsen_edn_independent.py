"""Jepsen's history.edn of several objects, whose events' values are pairs of key and value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from holdfast.histories.errors import HistoryError
from holdfast.histories.formats import FORMATS
from holdfast.histories.formats.format import Limits
from holdfast.histories.formats.jepsen_edn import JepsenEdn
from holdfast.histories.history import Line
from holdfast.histories.operation import NEMESIS


class JepsenEdnIndependent:
    """Jepsen's history.edn where jepsen.independent made each value a pair of key and value.

    The pairs look like any other vector, so this format has to be asked for by its name. Clients'
    events are given their key and their value; all else is as in ``jepsen-edn``.
    """

    suffixes = ()

    def read(self, stream: BinaryIO, source: str, limits: Limits) -> Iterator[Line]:
        """Yield each event with the line on which it begins.

        Raises:
            HistoryError: something is not EDN, not an event or not a pair; it names line and remedy.
        """
        for line, event in JepsenEdn().read(stream, source, limits):
            if event.process == NEMESIS:
                yield line, event
                continue
            pair = event.value
            if event.key is not None or not isinstance(pair, tuple) or len(pair) != 2:
                raise HistoryError(
                    "its value is not a pair [key value]",
                    remedy="only jepsen.independent records pairs; read others as jepsen-edn",
                    source=source,
                    line=line,
                )
            yield line, msgspec.structs.replace(event, key=pair[0], value=pair[1])


FORMATS.register("jepsen-edn-independent")(JepsenEdnIndependent())

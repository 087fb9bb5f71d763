"""Draws the documentation's pictures from the recordings in ``docs/examples``."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from holdfast import check, read_history
from holdfast.checker.explain.terminal import verdict_panel
from holdfast.models.mutex import OwnedMutex

HERE = Path(__file__).parent
WIDTH = 110

# The terminal as a picture of its own: no font is fetched from anywhere.
SVG = """<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve"
     viewBox="0 0 {terminal_width} {terminal_height}">
<style>
.{unique_id}-matrix {{
  font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px;
  line-height: {line_height}px;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
<rect fill="#1e1e2e" width="{terminal_width}" height="{terminal_height}" rx="8"/>
<g transform="translate(9, 9)" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def draw_counterexample(recording: Path, key: str, picture: Path) -> None:
    """Draw the panel of a recorded lock's counterexample."""
    history = read_history(recording)
    model = OwnedMutex()
    verdict = check(history, model, keys=[key])
    console = Console(width=WIDTH, record=True, force_terminal=True, file=io.StringIO())
    title = f"holdfast check {recording.name}"
    console.print(verdict_panel(verdict, history, model, title=title, width=WIDTH))
    picture.write_text(console.export_svg(code_format=SVG, unique_id="holdfast"))


def main() -> None:
    """Draw all of them."""
    draw_counterexample(
        HERE / "examples" / "redlock-clock-jump.jsonl",
        "lock",
        HERE / "pictures" / "two-holders.svg",
    )


if __name__ == "__main__":
    main()

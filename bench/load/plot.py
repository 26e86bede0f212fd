"""The plot of the load: latency and memory over time in one SVG, with the restart in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor, log10
from statistics import quantiles
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 900, 250
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 40, 40
INNER = HEIGHT - TOP - BOTTOM
TICKS = 5
COLOURS = ("#1f5fbf", "#c2410c", "#15803d", "#7e22ce", "#0f766e", "#be185d", "#4d7c0f", "#854d0e", "#334155")

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Panel:
    """A chart: lines by name, over seconds, in `unit`."""

    title: str
    unit: str
    lines: dict[str, Points]

    @property
    def top(self) -> float:
        """The highest value that it has room for."""
        return 1.1 * max((value for points in self.lines.values() for _, value in points), default=1.0)


def percentile(seconds: Sequence[float], percent: int) -> float:
    """In milliseconds; 0 where there is nothing."""
    if len(seconds) < 2:
        return 1000 * sum(seconds)
    return 1000 * quantiles(seconds, n=100, method="inclusive")[percent - 1]


def drawn(panels: Sequence[Panel], end: float, restart: tuple[float, float]) -> str:
    """The SVG; `restart` is from when to when, in seconds."""
    height = HEIGHT * len(panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif"'
        ' font-size="12">',
        f"<title>{escape('; '.join(panel.title for panel in panels))}, over time</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
    ]
    for number, panel in enumerate(panels):
        parts += [f'<g transform="translate(0 {number * HEIGHT})">', *_Drawing(panel, end).parts(restart), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


class _Drawing:
    """One panel over `end` seconds."""

    def __init__(self, panel: Panel, end: float) -> None:
        self._panel = panel
        self._end = end

    def parts(self, restart: tuple[float, float]) -> Iterator[str]:
        begin, over = map(self._x, restart)
        yield _text(LEFT, 18, f"{self._panel.title}, {self._panel.unit}", weight="bold")
        yield f'<rect x="{begin:.1f}" y="{TOP}" width="{over - begin:.1f}" height="{INNER}" fill="#eef"/>'
        yield _text(begin + 4, TOP + 14, "rolling restart")
        yield from self._axes()
        for place, (name, points) in enumerate(self._panel.lines.items()):
            colour = COLOURS[place % len(COLOURS)]
            path = "L".join(f"{self._x(seconds):.1f} {self._y(value):.1f}" for seconds, value in points)
            yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
            yield _text(WIDTH - RIGHT + 10, TOP + 10 + 16 * place, name, colour=colour)

    def _axes(self) -> Iterator[str]:
        for value in _ticks(self._panel.top):
            yield f'<path d="M{LEFT} {self._y(value):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>'
            yield _text(LEFT - 6, self._y(value) + 4, f"{value:,g}", anchor="end")
        for seconds in _ticks(self._end):
            yield _text(self._x(seconds), HEIGHT - BOTTOM + 18, f"{seconds:g} s", anchor="middle")

    def _x(self, seconds: float) -> float:
        return LEFT + seconds / self._end * (WIDTH - LEFT - RIGHT)

    def _y(self, value: float) -> float:
        return HEIGHT - BOTTOM - value / self._panel.top * INNER


def _ticks(top: float) -> Iterator[float]:
    """From 0 on in steps of 1, 2 or 5 times a power of ten, not above `top`."""
    power = 10 ** floor(log10(top / TICKS))
    step = next(power * times for times in (1, 2, 5, 10) if power * times >= top / TICKS)
    return (step * number for number in range(int(top / step) + 1))


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = "#222", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )

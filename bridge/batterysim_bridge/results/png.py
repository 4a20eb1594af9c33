"""From SVG to PNG. A font is brought along, because images have none."""

from pathlib import Path

from resvg_py import svg_to_bytes

FONT = Path(__file__).parents[1] / "fonts" / "DejaVuSans-ASCII.ttf"


def to_png(svg: str, width: int) -> bytes:
    """Return the picture with this width in pixels. Blocks."""
    return svg_to_bytes(
        svg_string=svg,
        width=width,
        skip_system_fonts=True,
        font_files=[str(FONT)],
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
    )

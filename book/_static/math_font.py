"""Makes `math.woff2`: the signs of the book's formulas from STIX Two Math.

    pip install fonttools brotli
    npm pack @fontsource/stix-two-math@5.3.0  # the font is in its files/
    python math_font.py stix-two-math-latin-400-normal.woff2

The font is under the SIL Open Font License 1.1, see `math_font.txt`.
Chromium sets as much space after a root as the widest root sign of the
font needs. So all sizes of that sign get one width here.
"""

import sys
from pathlib import Path
from typing import Any

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

SIGNS = (
    "20-7E A0 A8 AF B1 B7 D7 F7 2C6 2C9 2D9 2DC 300-30C 338 391-3A9"
    " 3B1-3C9 3D1 3D5 3F5 2010-2016 2026 2032-2034 2061-2064 20D7 210E"
    " 2113 211D 2190-2194 21A6 21D2 21D4 2200 2202 2203 2206-2208 220F"
    " 2211-2213 2215-221E 2223 2225 2227-222B 2236 223C 2248 2254 2260"
    " 2261 2264 2265 226A 226B 2299 22A4 22A5 22C5 22EE 22EF 22F1 27E8"
    " 27E9 1D434-1D467 1D5A0-1D5D3 1D6E2-1D71B"
)
"""The signs, by their numbers in Unicode."""

ROOT_WIDTH = 913
"""Units of the em: between those of the two smallest roots."""


def signs() -> set[int]:
    """Return the numbers of the signs."""
    ranges = [part.split("-") for part in SIGNS.split()]
    return {
        n for r in ranges for n in range(int(r[0], 16), int(r[-1], 16) + 1)
    }


def one_width(font: Any) -> None:
    """Give the root sign one width at three sizes; drop the larger ones."""
    variants = font["MATH"].table.MathVariants
    root = variants.VertGlyphCoverage.glyphs.index(
        font.getBestCmap()[0x221A]
    )
    sizes = variants.VertGlyphConstruction[root]
    sizes.GlyphAssembly = None
    del sizes.MathGlyphVariantRecord[3:]
    for record in sizes.MathGlyphVariantRecord:
        name = record.VariantGlyph
        outline = font["glyf"][name]
        width, bearing = font["hmtx"][name]
        outline.coordinates.scale((ROOT_WIDTH / width, 1))
        outline.coordinates.toInt()
        outline.recalcBounds(font["glyf"])
        font["hmtx"][name] = ROOT_WIDTH, round(bearing * ROOT_WIDTH / width)


def main(source: str) -> None:
    """Write the font beside this file."""
    options = Options(
        flavor="woff2",
        hinting=False,
        layout_features=["ssty", "ccmp", "mark", "mkmk", "kern", "rtlm"],
    )
    font = TTFont(source, recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=signs())
    subsetter.subset(font)
    one_width(font)
    font.flavor = "woff2"
    font.save(Path(__file__).with_name("math.woff2"))


if __name__ == "__main__":
    main(sys.argv[1])

"""The course pack: what a teacher takes from the book, made by commands.

    cd book && python -m course --help

Each module makes one thing and can be read by itself.
"""

import sys
from pathlib import Path

BOOK = Path(__file__).parents[1]
# The rules of the pages lie there; what they check is what the pack reads.
sys.path.append(str(BOOK.parent / "tests"))
# The formulas of the pages are made there; the slides have the same.
sys.path.append(str(BOOK / "_ext"))

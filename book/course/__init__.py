"""The course pack: what a teacher takes from the book, made by commands.

    cd book && python -m course --help

Each module makes one thing and can be read by itself.
"""

import sys
from pathlib import Path

# The rules of the pages lie there; what they check is what the pack reads.
sys.path.append(str(Path(__file__).parents[2] / "tests"))

"""The table of conventions, under the name that the first edition gave it.

It lives in `rmsprop.frameworks`; notebooks that readers saved still import it here.
"""

from rmsprop.frameworks import CONVENTIONS, table

__all__ = ["CONVENTIONS", "table"]

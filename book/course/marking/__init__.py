"""Marks for the assignment: plain pytest, in a Python of its own.

`runner` starts that Python, and starts it again without whatever took too long;
`plugin` is pytest's part there, `cells` runs the submission and `questions` asks
about it; `key` has the right answers; `report` writes what came out.
"""

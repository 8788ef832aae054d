"""What the text of an error says of a student's slip."""

ERRORS = (
    (
        r"bitwise_xor|for \^",
        "Python writes a power with `**`. The sign `^` compares bits.",
    ),
    (
        "arrays can be converted to Python scalars",
        "The functions of `math`, and `float`, take a single number, and here they got "
        "an array. NumPy's functions take both: use `np.sqrt`.",
    ),
    (
        "'list'|multiply sequence",
        "Python cannot calculate with a whole list. Which of its entries does this "
        "line need?",
    ),
)
"""What to look for in the text of an error, and what to say of it."""

NUMBERS = (
    (
        "truth value of an array",
        "An `if` or a `while` asks a single question, and here it got an array with an "
        "answer for each entry. Look for an operation that works elementwise.",
    ),
    (
        r"has no len\(\)|len\(\) of unsized|not iterable|not subscriptable",
        "A single number has no entries to count or to loop over. NumPy's functions, "
        "`np.size` among them, take numbers and arrays alike.",
    ),
)
"""The same for functions of numbers or arrays, beside those above."""

SHAPES = (
    (
        "mismatch|broadcast",
        "Two arrays do not fit together. Write down the shape of each, and the shape "
        "that you want.",
    ),
)
"""The same for products of matrices."""


def arguments(names: tuple[str, ...]) -> tuple[str, str]:
    """Return the hint for a function that takes a wrong number of arguments."""
    called = f"The check calls your function with ({', '.join(names)})."
    return "positional argument|takes no arguments", called

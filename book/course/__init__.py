"""The course pack: what a teacher takes from the book, made by commands.

    cd book && python -m course --help

Each module makes one thing and can be read by itself.
"""

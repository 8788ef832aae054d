"""The wrong versions that the checks know, each with the sentence that names it."""

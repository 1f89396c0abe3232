"""The sides of the body that a step works on: `left`, `right`, `both`, and one that is not known yet."""

UNKNOWN_SIDE = "one"
"""Side of a step that works on one foot before the user has said which."""

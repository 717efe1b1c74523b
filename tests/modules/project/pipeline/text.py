"""Plain functions, that the tasks import."""


def made_up(name):
    """A text that depends on its name alone."""
    numbers = [sum(map(ord, name)) * step % 11 for step in range(1, 40)]
    return " ".join(f"word{number}" for number in numbers)


def place_of(word):
    """A number that is the same in every process."""
    return sum(map(ord, word))

"""What the house says when a rule says no."""


def N_(message: str) -> str:
    """Mark a sentence for translation where Django may not be imported; it is translated when shown."""
    return message


class Listing(tuple):
    """Several words in one place of a sentence; each is translated when shown."""

    def __str__(self) -> str:
        return "、".join(str(each) for each in self)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


class Refused(Exception):
    """A rule says no, in a sentence for the person: what is wrong, where, what to do next.

    `message` is a translatable sentence with `{name}` places, `params` fill them when it is shown.
    """

    def __init__(self, message: str, **params):
        super().__init__(message)
        self.message = message
        self.params = params

    def __str__(self) -> str:
        return self.message.format(**self.params) if self.params else self.message

"""Words of a caller: one is a list of one, and a word that has to be of some is one of them."""

from collections.abc import Collection, Iterable

from batterysim_client.errors import RefusedError


def words_of(given: Iterable[str]) -> tuple[str, ...]:
    """Return several words, also where a caller has given one that is in no list.

    >>> words_of("driveCycle")
    ('driveCycle',)
    """
    return (given,) if isinstance(given, str) else tuple(given)


def require_known(argument: str, given: Iterable[str], known: Collection[str]) -> None:
    """Return if all words are known.

    argument: its name, for the message.

    Raises:
        RefusedError: one is not; the message names the known ones.
    """
    for word in given:
        if word not in known:
            raise RefusedError(f"{argument}: {word!r} is unknown: give {', '.join(map(str, known))}")

"""One test of many things of a kind: it looks at all of them and names each that fails.

A test for each model or file would spend more on being told of than on looking.
"""

import functools
import inspect
from collections.abc import Callable, Iterable


def of_each[Thing](
    argument: str, things: Iterable[Thing], name: Callable[[Thing], str] = str
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A decorator like ``pytest.mark.parametrize``; ``name`` is what a thing is called where it fails."""
    every = list(things)

    def one_test(check: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(check)
        def test(**fixtures: object) -> None:
            assert every, f"there is no {argument} to look at"
            failed = []
            for thing in every:
                try:
                    check(**fixtures, **{argument: thing})
                except AssertionError as error:
                    failed.append(f"{name(thing)}: {error}")
            assert not failed, "\n".join(failed)

        signature = inspect.signature(check)
        rest = [parameter for parameter in signature.parameters.values() if parameter.name != argument]
        test.__signature__ = signature.replace(parameters=rest)  # type: ignore[attr-defined]
        return test

    return one_test

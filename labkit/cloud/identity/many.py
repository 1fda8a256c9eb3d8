"""Many accesses of one action: those that no policy can tell apart are decided once.

A query reads two thousand objects of a table; whether it may read the first says whether it may read them all, unless a pattern or a
condition of some policy falls between them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.document import Policy, Statement
from labkit.cloud.identity.grants import Grants
from labkit.cloud.identity.matching import Matcher, resource_like
from labkit.cloud.identity.variables import Find, Template, Variable, resolve


@dataclass(frozen=True)
class Many:
    """Accesses of one action to resources with one policy, such as the objects of a bucket.

    `names` are the keys or prefixes, `resource_of` gives the ARN of one and `access_of` its access; `differing` begins the context keys
    whose values differ from one to the next.
    """

    names: Sequence[str]
    resource_of: Callable[[str], str]
    access_of: Callable[[str], Access]
    differing: tuple[str, ...] = ()


def distinct(many: Many, grants: Grants, find: Find) -> Sequence[str]:
    """One name of each kind, in the order in which they come; `find` looks up the context keys that do not differ."""
    names = many.names
    if len(names) < 2:
        return names
    action = many.access_of(names[0]).action.lower()
    statements = [one for policy in _policies(grants) for one in policy.about(action)]
    if any(_looks_at(statement, many.differing) for statement in statements):
        return names
    matchers = _matchers(statements, find)
    if not matchers:
        return names[:1]
    seen: dict[tuple[bool, ...], str] = {}
    for name in names:
        resource = many.resource_of(name)
        seen.setdefault(tuple([matches(resource) for matches in matchers]), name)
    return list(seen.values())


def _policies(grants: Grants) -> Iterator[Policy]:
    yield from grants.identity
    yield from grants.session or ()
    yield from (policy for policy in (grants.boundary, grants.resource) if policy is not None)


def _matchers(statements: Sequence[Statement], find: Find) -> list[Matcher]:
    """The tests that may tell resources apart, each once."""
    found: dict[Matcher, None] = {}
    for test in (test for statement in statements for test in statement.resource_tests):
        pattern = resolve(test, find, []) if isinstance(test, Template) else None
        matcher = test if not isinstance(test, Template) else None if pattern is None else resource_like(pattern)
        if matcher is not None and matcher != resource_like("*"):
            found[matcher] = None
    return list(found)


def _looks_at(statement: Statement, differing: tuple[str, ...]) -> bool:
    """Whether a condition or a variable of the statement asks for a key whose value differs from access to access."""
    if not differing:
        return False
    keys = [test.key for test in statement.tests]
    templates = [value for test in statement.tests for value in test.values if isinstance(value, Template)]
    templates += [pattern for pattern in statement.resource_tests if isinstance(pattern, Template)]
    keys += [part.key for template in templates for part in template.parts if isinstance(part, Variable)]
    return any(key.startswith(differing) for key in keys)

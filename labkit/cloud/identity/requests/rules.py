"""The table of a service: which resources each of its operations touches.

A template names resources relative to the service's ARN prefix, several between spaces: `catalog database/{DatabaseName}`. A placeholder is
a parameter (`{JobName}`), a path (`{TableInput.Name}`), or the first that is present of several (`{WorkGroup|Name}`); `=` gives what stands
where the request names none (`{WorkGroup|=primary}`), else that is `*`; `,lower` folds names as the service does. Where a request names
several, there is one resource for each. `@` before a template says that its values are whole ARNs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.requests.asked import Asked, texts_at
from labkit.cloud.identity.requests.context import Context, LazyContext, request_tags, tag_context, tags_as
from labkit.cloud.identity.requests.kept import role_arn

_PLACEHOLDER = re.compile(r"\{([^}]+)\}")
Build = Callable[[Asked], Iterable[str]]
Accesses = Callable[[Asked], Iterable[Access]]
Tags = Callable[[Asked, str], Mapping[str, str]]


@dataclass(frozen=True)
class Rules:
    """What one service's operations need.

    `prefix` begins its actions (`glue`), `arn` its ARNs (`arn:aws:glue:{region}:{account}:`). `resources` maps templates to operations
    (names between spaces); an operation that no template names acts on `anything`. `actions` holds the operations whose action has
    another name; an empty text: the call needs nothing. `arns` builds resources where a template cannot, `own` replaces all of this
    for an operation, `more` adds to it. `passes` says at which path an operation hands over a role, to the service `passed_to`;
    `tagging` maps actions (`TagResource`, with a template where the operation's own resource is not what is tagged) to the operations
    that need them too when they bring tags.
    `context` gives the service's condition keys, `tags` the tags of a resource by its ARN, `tag_keys` the service's own names of those.
    """

    prefix: str
    arn: str
    resources: Mapping[str, str] = field(default_factory=dict)
    anything: str = "*"
    actions: Mapping[str, str] = field(default_factory=dict)
    arns: Mapping[str, Build] = field(default_factory=dict)
    own: Mapping[str, Accesses] = field(default_factory=dict)
    more: Mapping[str, Accesses] = field(default_factory=dict)
    passes: Mapping[str, str] = field(default_factory=dict)
    passed_to: str = ""
    tagging: Mapping[str, str] = field(default_factory=dict)
    context: Callable[[Asked], Context] | None = None
    tags: Tags | None = None
    tag_keys: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return hash(self.prefix)


def accesses_of(rules: Rules, asked: Asked) -> tuple[Access, ...]:
    """All that must be allowed before the operation is carried out."""
    own = rules.own.get(asked.operation)
    if own is not None:
        found = list(own(asked))
    else:
        action = rules.actions.get(asked.operation, asked.operation)
        # What is no operation needs an action that only `service:*` grants.
        free = asked.operation and not action
        found = [] if free else [access(rules, asked, action, arn) for arn in resource_arns(rules, asked)]
    tagging = _tagging(rules).get(asked.operation)
    if tagging and found and request_tags(asked.params):
        action, template = tagging
        named = expand(template, asked, with_scope(rules.arn, asked)) if template else [found[-1].resource]
        found.extend(access(rules, asked, action, arn) for arn in named)
    more = rules.more.get(asked.operation)
    if more is not None:
        found.extend(more(asked))
    if asked.operation in rules.passes:
        found.extend(pass_role(asked, rules.passes[asked.operation], rules.passed_to))
    return tuple(found)


def access(rules: Rules, asked: Asked, action: str, arn: str, extra: Context | None = None) -> Access:
    """One access with the context that the request carries; the resource's tags come when a policy asks for them."""
    name = action if ":" in action else f"{rules.prefix}:{action}"
    carried = {**tag_context(asked.params), **(rules.context(asked) if rules.context else {}), **(extra or {})}
    if rules.tags is None or arn == "*":
        return Access(name, arn, carried)
    tags, keys = rules.tags, ("aws:resourcetag/", *rules.tag_keys)
    return Access(name, arn, LazyContext(carried, lambda: tags_as(tags(asked, arn), *keys)))


def resource_arns(rules: Rules, asked: Asked) -> list[str]:
    """The ARNs of the resources that an operation touches, each once."""
    build = rules.arns.get(asked.operation)
    if build is not None:
        return list(dict.fromkeys(build(asked))) or ["*"]
    templates = _templates(rules).get(asked.operation)
    if templates is None:
        return [with_scope(rules.anything, asked)]
    prefix = with_scope(rules.arn, asked)
    found = [arn for template in templates for arn in expand(template, asked, prefix)]
    return list(dict.fromkeys(found)) or ["*"]


def expand(template: str, asked: Asked, prefix: str) -> list[str]:
    """The ARNs of one template."""
    whole = template.startswith("@")
    parts = _PLACEHOLDER.split(with_scope(template.removeprefix("@"), asked))
    values = [_values(path, asked) for path in parts[1::2]]
    count = max((len(each) for each in values), default=1)
    found = []
    for index in range(count):
        chosen = [each[index] if len(each) == count else each[0] for each in values]
        text = parts[0] + "".join(value + after for value, after in zip(chosen, parts[2::2], strict=True))
        found.append(text if whole else prefix + text)
    return found


def with_scope(text: str, asked: Asked) -> str:
    """A text with its `{region}` and `{account}` filled in."""
    return text.replace("{region}", asked.region).replace("{account}", asked.account)


def pass_role(asked: Asked, path: str, service: str) -> list[Access]:
    """`iam:PassRole` for each role at a path (`RoleArn`, `Targets.RoleArn`), named by ARN or by name."""
    context: Context = {"iam:passedtoservice": (service,)} if service else {}
    roles = dict.fromkeys(
        role_arn(role, asked.account) for each in path.split("|") for role in texts_at(asked.params, each)
    )
    return [Access("iam:PassRole", role, context) for role in roles]


def _values(path: str, asked: Asked) -> list[str]:
    names, _, fold = path.partition(",")
    for each in names.split("|"):
        found = [each[1:]] if each.startswith("=") else texts_at(asked.params, each)
        if found:
            return [text.lower() for text in found] if fold else found
    return ["*"]


@lru_cache(maxsize=64)
def _tagging(rules: Rules) -> dict[str, tuple[str, str]]:
    """By operation: the action that tags what it makes, and the template of its resource (none: the operation's own)."""
    return {
        operation: (named.partition(" ")[0], named.partition(" ")[2])
        for named, operations in rules.tagging.items()
        for operation in operations.split()
    }


@lru_cache(maxsize=64)
def _templates(rules: Rules) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for template, operations in rules.resources.items():
        for operation in operations.split():
            found[operation] = (*found.get(operation, ()), *template.split(" "))
    return found

"""Names that the lab could have given: what bears one and is not ours is shown, so that nobody is surprised by it later."""

from __future__ import annotations

from labkit.names import Names, is_role_arn
from labkit.steps.bench import build_bench
from labkit.steps.budget import build_budget
from labkit.steps.practice import build_practice
from labkit.teardown.thing import Thing

_LAMBDA_LOGS = "/aws/lambda/"


def is_lab_name(names: Names, thing: Thing) -> bool:
    """True for exactly one of the names that the settings give."""
    return _short(thing) in _list_names(names).get(thing.kind, ())


def is_alike(names: Names, thing: Thing) -> bool:
    """True for a name of the settings, or one with an ending, as own data and the exercises give."""
    short = _short(thing)
    known = _list_names(names).get(thing.kind, ())
    return short in known or any(short.startswith((f"{name}-", f"{name}_")) for name in known)


def list_given_roles(names: Names) -> frozenset[str]:
    """Names of roles that somebody else made and the lab only uses: never deleted, whatever they are tagged with."""
    given = (name for name in (names.glue_role, names.lambda_role) if is_role_arn(name))
    return frozenset(name.rsplit("/", 1)[-1] for name in given)


def _short(thing: Thing) -> str:
    return thing.name.removeprefix(_LAMBDA_LOGS) if thing.kind == "log-group" else thing.name


def _list_names(names: Names) -> dict[str, tuple[str, ...]]:
    practice = build_practice(names)
    bench = build_bench(names)
    functions = (names.function, bench.function, practice.function)
    return {
        "s3-bucket": names.lab_bucket_names,
        "iam-role": (names.glue_role, names.lambda_role, bench.glue_role, bench.lambda_role, practice.role),
        "glue-database": (names.database,),
        "glue-crawler": (names.raw_crawler, names.processed_crawler),
        "glue-classifier": (),
        "glue-job": (names.job, bench.job),
        "lambda-function": functions,
        "athena-workgroup": (names.workgroup,),
        "log-group": functions,
        "budget": (build_budget("", 0, "").name,),
    }

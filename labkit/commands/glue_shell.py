"""`labkit glue shell`: a PySpark prompt with glueContext on the local cloud."""

from __future__ import annotations

import argparse
import os
import sys

from labkit.commands.glue import reached_cloud
from labkit.commands.glue_words import build_arguments
from labkit.errors import UsageError
from labkit.i18n import build_lesson, text
from labkit.settings import Settings, Target


def shell(options: argparse.Namespace, settings: Settings) -> int:
    """Open the prompt, or run the code given with `-c` or on standard input; returns its exit code."""
    from labkit.cloud.jobs.shell import Shell, run_shell

    if not settings.target.runs_cloud:
        raise build_lesson(UsageError, "error.glue_shell_aws")
    words = [word for word in options.arguments if word != "--"]
    arguments = {"--JOB_NAME": "labkit-glue-shell", **build_arguments(words)}
    is_prompt = options.code is None and sys.stdin.isatty()
    with reached_cloud(options, settings) as reached:
        return run_shell(
            Shell(
                endpoint_url=reached.target.endpoint_url or "",
                environment=_build_environment(reached.target),
                code=options.code,
                arguments=arguments,
                spark_settings=_split_settings(options.conf or []),
                catalog=options.catalog,
                plain=options.plain or os.environ.get("TERM", "") in ("dumb", "") or not sys.stdout.isatty(),
                shows_progress=is_prompt and sys.stderr.isatty(),
                banner=_build_banner(reached.target, options.catalog) if is_prompt else "",
                starting=text("glue.shell_starting") if is_prompt and sys.stderr.isatty() else "",
            )
        )


def _build_environment(target: Target) -> dict[str, str]:
    """What boto3 and the Glue runtime need to reach the cloud as its administrator."""
    pair = target.credentials
    return {
        "AWS_ENDPOINT_URL": target.endpoint_url or "",
        "AWS_REGION": target.region,
        "AWS_DEFAULT_REGION": target.region,
        "AWS_ACCESS_KEY_ID": pair.access_key if pair else "test",
        "AWS_SECRET_ACCESS_KEY": pair.secret_key if pair else "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def _build_banner(target: Target, catalog: bool) -> str:
    from importlib.metadata import version

    head = text(
        "glue.shell_banner",
        spark=version("pyspark"),
        python=f"{sys.version_info[0]}.{sys.version_info[1]}",
        url=target.endpoint_url,
        region=target.region,
        catalog=text("glue.shell_catalog") if catalog else "",
    )
    return "\n".join([head, text("glue.shell_names")])


def _split_settings(given: list[str]) -> dict[str, str]:
    settings = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals:
            raise build_lesson(UsageError, "error.glue_conf", setting=item)
        settings[name.strip()] = value.strip()
    return settings

"""The comment at the top of what is exported: how to use it, how to delete it, and what it costs to forget it."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

from labkit.export.blueprint import Blueprint
from labkit.i18n import text
from labkit.prices import Prices, compute_crawl_cost, compute_job_cost, compute_query_cost, compute_storage_cost
from labkit.steps.tags import EXPORT_TAG

_WIDTH = 116
_BUCKETS = "RawBucket ProcessedBucket AssetsBucket ResultsBucket"
# The lab's job has two workers of one DPU each.
_JOB_DPU = 2
STACK = "bsg-lab"


def build_header(language: str, blueprint: Blueprint, prices: Prices, folder: Path) -> tuple[str, ...]:
    """The lines of the comment in a file of `language` (cloudformation, terraform, cdk); paths are told from `folder`, where it goes."""
    uses = {"cloudformation": _use_stack, "terraform": _use_terraform, "cdk": _use_cdk}
    lines = [text("export.header.title", step=blueprint.step), ""]
    if not blueprint.tags or blueprint.lab.names.raw_bucket == "bsg-data-raw":
        lines += [*_wrap(text("export.header.local")), ""]
    lines += uses[language](blueprint, folder)
    if blueprint.trigger is not None and blueprint.samples:
        lines += ["", *_wrap(text("export.header.order"))]
    lines += ["", *_wrap(text("export.header.mixing")), "", *_build_costs(blueprint, prices)]
    return tuple(lines)


def find_stack_name(blueprint: Blueprint) -> str:
    """The stack of one lab: its tag tells labs of one account apart."""
    return blueprint.tags.get(EXPORT_TAG, STACK)


def _use_stack(blueprint: Blueprint, folder: Path) -> list[str]:
    deploy = "aws cloudformation deploy --stack-name $STACK --template-file template.yaml --capabilities CAPABILITY_NAMED_IAM"
    lines = [text("export.header.use"), *_variables(blueprint, find_stack_name(blueprint)), f"  {deploy}"]
    lines += _follow(blueprint, folder, _OUTPUT.format("RawFolder"), _OUTPUT.format("ScriptAddress"))
    return [
        *lines,
        text("export.header.delete"),
        *_variables(blueprint, find_stack_name(blueprint)),
        *_EMPTY,
        "  aws cloudformation delete-stack --stack-name $STACK",
        "  aws cloudformation wait stack-delete-complete --stack-name $STACK",
    ]


def _use_terraform(blueprint: Blueprint, folder: Path) -> list[str]:
    lines = [*_wrap(text("export.header.not_planned")), "", text("export.header.use")]
    lines += ["  terraform init", "  terraform plan", "  terraform apply"]
    lines += _follow(blueprint, folder, "$(terraform output -raw raw_folder)", "")
    return [*lines, text("export.header.delete"), "  terraform destroy"]


def _use_cdk(blueprint: Blueprint, folder: Path) -> list[str]:
    begin = _variables(blueprint, STACK)
    lines = [text("export.header.use"), *begin, "  pip install -r requirements.txt", "  npx aws-cdk deploy"]
    lines += _follow(blueprint, folder, _OUTPUT.format("RawFolder"), _OUTPUT.format("ScriptAddress"))
    return [*lines, text("export.header.delete"), *begin, *_EMPTY, "  npx aws-cdk destroy"]


def _variables(blueprint: Blueprint, stack: str) -> list[str]:
    return [f"  export AWS_DEFAULT_REGION={blueprint.lab.region} STACK={stack}"]


# The value of an output of the stack, and how its buckets are emptied: CloudFormation deletes empty ones only.
_OUTPUT = (
    "$(aws cloudformation describe-stacks --stack-name $STACK --output text"
    " --query \"Stacks[0].Outputs[?OutputKey=='{}'].OutputValue\")"
)
_EMPTY = (
    f"  for B in {_BUCKETS}; do",
    "    NAME=$(aws cloudformation describe-stack-resource --stack-name $STACK --logical-resource-id $B \\",
    "      --query StackResourceDetail.PhysicalResourceId --output text)",
    '    aws s3 rm --recursive "s3://$NAME"',
    "  done",
)


def _follow(blueprint: Blueprint, folder: Path, raw: str, script: str) -> list[str]:
    """What is no resource: the files, and the first crawl."""
    lines: list[str] = []
    if blueprint.job is not None and script:
        lines += [f"  SCRIPT={script}", f'  aws s3 cp {blueprint.job.script.path.name} "$SCRIPT"']
    if blueprint.samples:
        place = os.path.relpath(blueprint.samples[0].path.parent.resolve(), folder.resolve()).replace(os.sep, "/")
        names = " ".join(sample.path.name for sample in blueprint.samples)
        loop = textwrap.wrap(f"for F in {names}; do", _WIDTH - 6, break_on_hyphens=False)
        lines += [f"  RAW={raw}", *(f"  {line} \\" for line in loop[:-1]), f"  {loop[-1]}"]
        lines += [f'    aws s3 cp "{place}/$F" "$RAW"', "  done"]
    if blueprint.has_catalog:
        lines.append(f"  aws glue start-crawler --name {blueprint.crawlers['raw_crawler'].name}")
    return lines


def _build_costs(blueprint: Blueprint, prices: Prices) -> list[str]:
    """In dollars: what each use costs at least, and what stays to be paid when nobody deletes it."""
    kept = sum(sample.path.stat().st_size for sample in blueprint.samples)
    facts = {
        "crawl": f"{compute_crawl_cost(prices, 0):.2f}",
        "job": f"{compute_job_cost(prices, 0, _JOB_DPU):.4f}",
        "query": f"{compute_query_cost(prices, 0):.5f}",
        "size_mb": f"{kept / 1e6:.1f}",
        "month": f"{compute_storage_cost(prices, kept):.5f}",
        "read_on": prices.read_on,
        "region": prices.region,
    }
    return _wrap(text("export.header.cost", **facts))


def _wrap(line: str) -> list[str]:
    return textwrap.wrap(line, _WIDTH, break_long_words=False, break_on_hyphens=False)

"""Which jobs, crawlers, functions, workgroups and buckets are the lab's: an AWS account holds other people's too."""

from __future__ import annotations

from labkit.aws.usage import Scope
from labkit.steps.lab import Lab
from labkit.steps.ledger import Ledger


def build_scope(lab: Lab, ledger: Ledger) -> Scope:
    """The lab's own names, and what the ledger says was made here beside them (data sets of the user's, `glue run`, `crawl`)."""
    names = lab.names
    made = {
        (entry.kind, entry.name) for entry in ledger.entries() if ledger.is_here(entry) and entry.state != "refused"
    }

    def known(kind: str, *own: str) -> frozenset[str]:
        return frozenset({*own, *(name for found, name in made if found == kind)})

    return Scope(
        jobs=known("glue-job", names.job),
        crawlers=known("glue-crawler", names.raw_crawler, names.processed_crawler),
        functions=known("lambda-function", names.function),
        workgroups=known("athena-workgroup", names.workgroup),
        buckets=known("s3-bucket", *names.lab_bucket_names),
        results=f"s3://{names.results_bucket}/",
    )

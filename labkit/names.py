"""The names of the lab's resources, as the lab's text gives them; a setting may change any of them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace

# Bucket names are capped at 63 characters, job and function names at 64: a slug this long keeps every derived name inside.
_LONGEST_SLUG = 30
_LONGEST_ROLE = 64
RUN_ROLE = "labkit-glue-run"


@dataclass(frozen=True)
class Names:
    """Every name the six steps use.

    `dataset` is the folder under the raw bucket that starts the pipeline and the name of the catalog table made from it;
    `processed` is the folder of the processed bucket and the name of its table; `rejected` holds the rows that were put aside.
    """

    raw_bucket: str = "bsg-data-raw"
    processed_bucket: str = "bsg-data-processed"
    assets_bucket: str = "aws-glue-assets-123456789012-us-east-1"
    results_bucket: str = "aws-athena-query-results-123456789012-us-east-1"
    database: str = "bsg_db"
    dataset: str = "raw_sales"
    processed: str = "sales"
    rejected: str = "rejected_sales"
    raw_crawler: str = "bsg-raw-crawler"
    processed_crawler: str = "bsg-processed-crawler"
    glue_role: str = "bsg-glue-role"
    lambda_role: str = "bsg-lambda-role"
    job: str = "bsg-glue-etl-job"
    function: str = "bsg-start-glue-job"
    workgroup: str = "primary"

    @property
    def lab_bucket_names(self) -> tuple[str, str, str, str]:
        """The four buckets, the students' two first."""
        return self.raw_bucket, self.processed_bucket, self.assets_bucket, self.results_bucket

    @property
    def glue_role_name(self) -> str:
        """The role's name, also where it was given as an ARN."""
        return self.glue_role.rsplit("/", 1)[-1]

    @property
    def lambda_role_name(self) -> str:
        return self.lambda_role.rsplit("/", 1)[-1]

    @property
    def gives_roles(self) -> bool:
        """True where somebody else made a role and the lab makes none: AWS Academy's LabRole."""
        return is_role_arn(self.glue_role) or is_role_arn(self.lambda_role)

    def own(self, name: str) -> str:
        """A name of the exercises, with the ending that tells this student's from others' in one account; as it is elsewhere."""
        default = type(self).raw_crawler
        return name + (self.raw_crawler.removeprefix(default) if self.raw_crawler.startswith(default) else "")

    @property
    def raw_prefix(self) -> str:
        """Key prefix of the raw CSV files, with its slash."""
        return f"{self.dataset}/"

    @property
    def raw_uri(self) -> str:
        return f"s3://{self.raw_bucket}/{self.dataset}/"

    @property
    def processed_uri(self) -> str:
        return f"s3://{self.processed_bucket}/{self.processed}/"

    @property
    def rejected_uri(self) -> str:
        return f"s3://{self.processed_bucket}/{self.rejected}/"

    @property
    def script_key(self) -> str:
        """Where Glue Studio itself would put the script of this job."""
        return f"scripts/{self.job}.py"


def build_names(account: str, region: str, chosen: Mapping[str, str]) -> Names:
    """The names in the local cloud, which belongs to one student; `chosen` by the user win."""
    own = {
        "assets_bucket": f"aws-glue-assets-{account}-{region}",
        "results_bucket": f"aws-athena-query-results-{account}-{region}",
    }
    return replace(Names(), **{**own, **chosen})


def build_aws_names(account: str, region: str, student: str, chosen: Mapping[str, str]) -> Names:
    """The names in an AWS account: apart from other accounts' buckets, other regions' roles and other students' everything.

    Bucket names are one name space for all of AWS, role names one for all regions of an account. A student is six hex digits
    of a digest, so that a public bucket name tells nobody's. `account` may be unknown ("") until somebody asks AWS.
    """
    base, who = Names(), build_student_mark(student)
    place = "-".join(part for part in (account, region, who) if part)
    own = {
        "raw_bucket": f"{base.raw_bucket}-{place}",
        "processed_bucket": f"{base.processed_bucket}-{place}",
        "assets_bucket": f"bsg-glue-assets-{place}",
        "results_bucket": f"bsg-athena-results-{place}",
        "glue_role": _join(base.glue_role, region, who),
        "lambda_role": _join(base.lambda_role, region, who),
        # A workgroup of its own can stop a dear query; the account's primary one belongs to everybody.
        "workgroup": _join("bsg-lab", who),
        "database": f"{base.database}_{who}" if who else base.database,
        **{name: _join(getattr(base, name), who) for name in ("raw_crawler", "processed_crawler", "job", "function")},
    }
    return replace(base, **{**own, **chosen})


def build_student_mark(student: str) -> str:
    """Six hex digits for a student, "" for nobody in particular."""
    return hashlib.sha256(student.encode("utf-8")).hexdigest()[:6] if student else ""


def build_run_role(names: Names, region: str, student: str, *, apart: bool) -> str:
    """The role of `glue run` and `crawl`; `apart` from other regions' and students', or the given one where roles cannot be made."""
    if not apart:
        return RUN_ROLE
    return names.glue_role if is_role_arn(names.glue_role) else _join(RUN_ROLE, region, build_student_mark(student))


def is_role_arn(name: str) -> bool:
    """True for a role that somebody else made and the lab only uses, such as AWS Academy's LabRole."""
    return name.startswith("arn:")


def _join(*parts: str) -> str:
    return "-".join(part for part in parts if part)


def build_dataset_names(names: Names, title: str) -> Names:
    """Names for somebody's own data beside the lab's: its own folders, tables, job and function; the same buckets and Glue role."""
    slug = build_slug(title)
    dashed = slug.replace("_", "-")
    return replace(
        names,
        dataset=f"raw_{slug}",
        processed=slug,
        rejected=f"rejected_{slug}",
        raw_crawler=f"{names.raw_crawler}-{dashed}",
        processed_crawler=f"{names.processed_crawler}-{dashed}",
        job=f"{names.job}-{dashed}",
        function=f"{names.function}-{dashed}",
        # Its policy names the job, so a role of its own keeps the lab's role as small as it was.
        lambda_role=names.lambda_role if is_role_arn(names.lambda_role) else _fit(f"{names.lambda_role}-{dashed}"),
    )


def _fit(role: str) -> str:
    """A role's name within IAM's limit: the end of one that is longer becomes a digest of all of it."""
    if len(role) <= _LONGEST_ROLE:
        return role
    digest = hashlib.sha256(role.encode("utf-8")).hexdigest()[:6]
    return f"{role[: _LONGEST_ROLE - 7].rstrip('-')}-{digest}"


def build_slug(title: str) -> str:
    """Turn any title into lower-case ASCII letters, digits and underscores ("Ventas Año 2024" → "ventas_ano_2024")."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii").lower()
    slug = re.sub(r"[^a-z0-9]+", "_", plain)[:_LONGEST_SLUG].strip("_")
    return slug or "datos"

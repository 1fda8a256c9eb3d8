"""A lab of its own names on the session's cloud, so that tests do not meet each other's buckets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from labkit import i18n
from labkit.aws.session import Clients
from labkit.names import Names
from labkit.settings import LOCAL_ACCOUNT, Credentials, Target
from labkit.steps.lab import Lab, Upload
from labkit.steps.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def spanish() -> Iterator[None]:
    i18n.use_language("es")
    yield
    i18n.use_language("es")


@pytest.fixture
def target(cloud: Any) -> Target:
    return Target("local", "us-east-1", LOCAL_ACCOUNT, cloud.endpoint_url, Credentials("test", "test"))


@pytest.fixture
def clients(target: Target) -> Clients:
    return Clients(target)


@pytest.fixture
def ledger(tmp_path: Path, target: Target) -> Ledger:
    return Ledger(tmp_path / "state", target)


@pytest.fixture
def build_lab(tmp_path: Path) -> Callable[[str], Lab]:
    """`build_lab("cli")` is a whole lab whose names all begin with cli-."""

    def build(prefix: str) -> Lab:
        lab = Names()
        same = {
            "dataset": lab.dataset,
            "processed": lab.processed,
            "rejected": lab.rejected,
            "workgroup": lab.workgroup,
        }
        changed = {name: f"{prefix}-{value}" for name, value in vars(lab).items() if name not in same}
        names = Names(**{**same, **changed, "database": f"{prefix}_db"})
        sample = tmp_path / "ventas_2024_01.csv"
        sample.write_text("id_venta,fecha,cantidad\n1,2024-01-03,2\n2,2024-02-03,0\n", encoding="utf-8")
        arguments = {
            "--database": names.database,
            "--target": names.processed_uri,
            "--rejected": names.rejected_uri,
            "--control": f"s3://{names.processed_bucket}/_control/sales/",
        }
        upload = Upload(sample, names.raw_bucket, f"{names.raw_prefix}{sample.name}")
        script, handler = ROOT / "etl/sales_etl.py", ROOT / "lambda/start_glue_job.py"
        return Lab(LOCAL_ACCOUNT, "us-east-1", names, (upload,), script, handler, arguments)

    return build

"""Tags of what Glue holds: by ARN, which Glue's own answers leave out."""

from __future__ import annotations

from collections.abc import Mapping

from labkit.aws.session import Clients
from labkit.teardown.absent import read_tags


def build_arn(clients: Clients, kind: str, name: str) -> str:
    """The ARN of a job, crawler or database (`arn:aws:glue:REGION:ACCOUNT:KIND/NAME`)."""
    return f"arn:aws:glue:{clients.target.region}:{clients.target.account}:{kind}/{name}"


def read_glue_tags(clients: Clients, arn: str) -> Mapping[str, str] | None:
    """The tags, empty for what is not there, None for who may not read them."""
    return read_tags(lambda: dict(clients.glue.get_tags(ResourceArn=arn).get("Tags", {})))

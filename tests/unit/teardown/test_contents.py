"""What goes along with what is ours is named before the yes."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from labkit import i18n
from labkit.teardown.belongings import Belongings, Judged
from labkit.teardown.contents import Contents, find_contents
from labkit.teardown.ownership import Verdict
from labkit.teardown.thing import Thing
from labkit.ui.teardown import render_contents
from tests.unit.teardown.fakes import Pages, refusal

OURS = Verdict(True, "teardown.reason.tag", {"tag": "x"})
ROLE = "arn:aws:iam::123456789012:role/rol"


def find(*things: tuple[str, str], **services: Any) -> dict[str, Contents]:
    judged = tuple(Judged(Thing(kind, name), OURS) for kind, name in things)
    clients: Any = SimpleNamespace(**services)
    return {one.name: one for one in find_contents(clients, Belongings(judged, (), (), (), (), (), ()))}


def test_tables_and_folders_of_any_origin_are_named() -> None:
    glue = SimpleNamespace(get_paginator=lambda _: Pages({"TableList": [{"Name": "sales"}, {"Name": "mi_tesis"}]}))
    page = {"CommonPrefixes": [{"Prefix": "raw_sales/"}], "Contents": [{"Key": "tesis.docx"}]}
    s3 = SimpleNamespace(list_objects_v2=lambda **_: page)
    told = find(("glue-database", "bd"), ("s3-bucket", "b"), glue=glue, s3=s3)
    assert told["bd"].holds == ("sales", "mi_tesis")
    assert told["b"].holds == ("raw_sales/", "tesis.docx")
    for language, word in (("es", "dentro"), ("en", "in it")):
        i18n.use_language(language)
        assert [word in line and "mi_tesis" in line for line in render_contents(told["bd"])] == [True]
    i18n.use_language("es")


def test_a_role_tells_who_uses_it_and_is_not_ours() -> None:
    pages = {
        "get_jobs": Pages({"Jobs": [{"Name": "ajeno", "Role": "rol"}, {"Name": "nuestro", "Role": ROLE}]}),
        "get_crawlers": Pages({"Crawlers": [{"Name": "otro", "Role": "rol-2"}]}),
    }
    functions = [{"FunctionName": "ajena", "Role": ROLE}]
    lambda_ = SimpleNamespace(get_paginator=lambda _: Pages({"Functions": functions}))
    told = find(
        ("iam-role", "rol"), ("glue-job", "nuestro"), lambda_=lambda_, glue=SimpleNamespace(get_paginator=pages.get)
    )
    assert told["rol"].used_by == ("lambda-function ajena", "glue-job ajeno")


def test_what_may_not_be_looked_into_is_told_and_no_obstacle() -> None:
    def refuse(**_params: Any) -> None:
        raise refusal("AccessDenied", "ListObjectsV2")

    told = find(("s3-bucket", "b"), s3=SimpleNamespace(list_objects_v2=refuse))
    assert told["b"].unseen == "AccessDenied"
    assert "AccessDenied" in "".join(render_contents(told["b"]))


def test_what_is_gone_by_then_holds_nothing() -> None:
    def refuse(**_params: Any) -> None:
        raise refusal("NoSuchBucket", "ListObjectsV2")

    assert find(("s3-bucket", "b"), s3=SimpleNamespace(list_objects_v2=refuse)) == {}

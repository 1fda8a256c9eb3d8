"""CreateClassifier, GetClassifier(s), UpdateClassifier, DeleteClassifier."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.crawler.classify import Classifier, CsvClassifier, GrokClassifier, JsonClassifier, XmlClassifier
from labkit.cloud.crawler.configuration import invalid
from labkit.cloud.crawler.csv_format import DETECT, CsvOptions
from labkit.cloud.crawler.grok import compile_grok
from labkit.cloud.crawler.json_format import parse_json_path
from labkit.cloud.crawler.pages import page

if TYPE_CHECKING:
    from labkit.cloud.services import Services

KIND = "classifier"
_REQUIRED = {
    "CsvClassifier": ("Name",),
    "JsonClassifier": ("Name", "JsonPath"),
    "GrokClassifier": ("Name", "Classification", "GrokPattern"),
    "XMLClassifier": ("Name", "Classification"),
}
_NAME = re.compile(r"[^\r\n]{1,255}")
_TAG = re.compile(r"[^\s<>/&!?\d.-][^\s<>/&]*")
_MAX_PATTERN = 2048
_MAX_CUSTOM = 16000
_HEADERS = ("UNKNOWN", "PRESENT", "ABSENT")
_SERDES = ("OpenCSVSerDe", "LazySimpleSerDe", "None")
_DATATYPES = ("BINARY", "BOOLEAN", "DATE", "DECIMAL", "DOUBLE", "FLOAT", "INT", "LONG", "SHORT", "STRING", "TIMESTAMP")


def classifier_routes(services: Services) -> dict[tuple[str, str], Handler]:
    """Return the handlers of the classifier calls."""
    calls = _ClassifierCalls(services)
    return {
        ("glue", "CreateClassifier"): calls.create,
        ("glue", "GetClassifier"): calls.get,
        ("glue", "GetClassifiers"): calls.get_all,
        ("glue", "UpdateClassifier"): calls.update,
        ("glue", "DeleteClassifier"): calls.delete,
    }


def load_classifiers(names: Sequence[str], scope: Scope, services: Services) -> list[Classifier]:
    """Return the named classifiers in order; AwsError EntityNotFoundException for the first that does not exist."""
    found = []
    for name in names:
        document = services.documents.find(KIND, scope, name)
        if document is None:
            raise _not_found(name)
        found.append(_classifier(document))
    return found


class _ClassifierCalls:
    def __init__(self, services: Services) -> None:
        self._services = services

    def create(self, call: Call) -> dict[str, Any]:
        kind, given = _single(call)
        for key in _REQUIRED[kind]:
            if not given.get(key):
                raise invalid(f"{kind}.{key} is required.")
        if self._services.documents.find(KIND, call.scope, given["Name"]) is not None:
            raise AwsError("AlreadyExistsException", f"Classifier {given['Name']} already exists.")
        now = self._services.clock().timestamp()
        self._store(call.scope, kind, {**given, "CreationTime": now, "LastUpdated": now, "Version": 1})
        return {}

    def update(self, call: Call) -> dict[str, Any]:
        kind, given = _single(call)
        stored = self._find(call.scope, given.get("Name", ""))
        if kind not in stored:
            raise invalid(f"Classifier {given['Name']} is not a {kind}.")
        old = stored[kind]
        now = self._services.clock().timestamp()
        self._store(call.scope, kind, {**old, **given, "LastUpdated": now, "Version": old["Version"] + 1})
        return {}

    def get(self, call: Call) -> dict[str, Any]:
        return {"Classifier": self._find(call.scope, call.params.get("Name", ""))}

    def get_all(self, call: Call) -> dict[str, Any]:
        documents = [document for _, _, document in self._services.documents.list(KIND, call.scope)]
        found, more = page(documents, call.params)
        return {"Classifiers": found, **more}

    def delete(self, call: Call) -> dict[str, Any]:
        name = call.params.get("Name", "")
        if not self._services.documents.delete(KIND, call.scope, name):
            raise _not_found(name)
        return {}

    def _find(self, scope: Scope, name: str) -> dict[str, Any]:
        found = self._services.documents.find(KIND, scope, name)
        if found is None:
            raise _not_found(name)
        return found

    def _store(self, scope: Scope, kind: str, body: dict[str, Any]) -> None:
        _check(kind, body)
        self._services.documents.put(KIND, scope, body["Name"], {kind: body})


def _single(call: Call) -> tuple[str, dict[str, Any]]:
    given = [(kind, call.params[kind]) for kind in _REQUIRED if call.params.get(kind)]
    if len(given) != 1:
        raise invalid("Exactly one of GrokClassifier, XMLClassifier, JsonClassifier and CsvClassifier must be given.")
    return given[0]


def _check(kind: str, body: dict[str, Any]) -> None:
    if not _NAME.fullmatch(body["Name"]):
        raise invalid("The name of a classifier has 1 to 255 characters and no line end.")
    try:
        if kind == "JsonClassifier":
            parse_json_path(body["JsonPath"])
        elif kind == "GrokClassifier":
            _check_grok(body)
        elif kind == "XMLClassifier":
            _check_xml(body)
        else:
            _check_csv(body)
    except ValueError as error:
        raise invalid(f"{error}.") from error


def _check_grok(body: dict[str, Any]) -> None:
    custom = body.get("CustomPatterns") or ""
    if len(body["GrokPattern"]) > _MAX_PATTERN or len(custom) > _MAX_CUSTOM:
        raise ValueError(f"GrokPattern has at most {_MAX_PATTERN} characters and CustomPatterns {_MAX_CUSTOM}")
    if not compile_grok(body["GrokPattern"], custom).columns:
        raise ValueError("the grok pattern names no field: write %{PATTERN:field} for what is to be a column")


def _check_xml(body: dict[str, Any]) -> None:
    tag = body.get("RowTag")
    if tag and not _TAG.fullmatch(tag):
        raise ValueError(f'the row tag "{tag}" is not an XML tag: write it without < and >')


def _check_csv(body: dict[str, Any]) -> None:
    for key in ("Delimiter", "QuoteSymbol"):
        if body.get(key) is not None and (len(body[key]) != 1 or body[key] in "\r\n"):
            raise ValueError(f"{key} must be one character and not a line end")
    if body.get("Delimiter") and body.get("Delimiter") == body.get("QuoteSymbol"):
        raise ValueError("Delimiter and QuoteSymbol must differ")
    for key, allowed in (("ContainsHeader", _HEADERS), ("Serde", _SERDES)):
        if body.get(key) not in (None, *allowed):
            raise ValueError(f"{key} must be one of {', '.join(allowed)}")
    wrong = [name for name in body.get("CustomDatatypes") or () if str(name).upper() not in _DATATYPES]
    if wrong:
        raise ValueError(f"CustomDatatypes must be among {', '.join(_DATATYPES)}, not {', '.join(wrong)}")
    if any(not _NAME.fullmatch(name) for name in body.get("Header") or ()):
        raise ValueError("each name of Header has 1 to 255 characters and no line end")


def _classifier(document: dict[str, Any]) -> Classifier:
    (kind, body), *_ = document.items()
    if kind == "JsonClassifier":
        return JsonClassifier(body["Name"], body["JsonPath"])
    if kind == "GrokClassifier":
        return GrokClassifier(
            body["Name"], body["Classification"], body["GrokPattern"], body.get("CustomPatterns") or ""
        )
    if kind == "XMLClassifier":
        return XmlClassifier(body["Name"], body["Classification"], body.get("RowTag") or "")
    return CsvClassifier(
        body["Name"],
        CsvOptions(
            delimiter=body.get("Delimiter") or "",
            quote=body.get("QuoteSymbol") or '"',
            header=body.get("ContainsHeader") or "UNKNOWN",
            names=tuple(body.get("Header") or ()),
            trim=not body.get("DisableValueTrimming"),
            allow_single_column=bool(body.get("AllowSingleColumn")),
            datatypes=tuple(body.get("CustomDatatypes") or ()) if body.get("CustomDatatypeConfigured") else (),
            # "None when you want the crawler to do the detection": quoted columns need OpenCSVSerDe.
            serde=body.get("Serde") or (DETECT if body.get("QuoteSymbol") else "LazySimpleSerDe"),
            built_in=False,
        ),
    )


def _not_found(name: str) -> AwsError:
    return AwsError("EntityNotFoundException", f"Classifier {name} not found.")

"""CreateClassifier, GetClassifier(s), UpdateClassifier, DeleteClassifier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.crawler.classify import Classifier, CsvClassifier, JsonClassifier, UnsupportedClassifier
from labkit.cloud.crawler.configuration import invalid
from labkit.cloud.crawler.csv_format import CsvOptions
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
    if kind == "JsonClassifier":
        try:
            parse_json_path(body["JsonPath"])
        except ValueError as error:
            raise invalid(f"{error}.") from error
    if kind != "CsvClassifier":
        return
    if body.get("ContainsHeader") not in (None, *_HEADERS):
        raise invalid(f"ContainsHeader must be one of {', '.join(_HEADERS)}.")
    if body.get("Serde") not in (None, *_SERDES):
        raise invalid(f"Serde must be one of {', '.join(_SERDES)}.")
    wrong = [name for name in body.get("CustomDatatypes") or () if name.upper() not in _DATATYPES]
    if wrong:
        raise invalid(f"CustomDatatypes must be among {', '.join(_DATATYPES)}, not {', '.join(wrong)}.")
    if body.get("Delimiter") and body.get("Delimiter") == body.get("QuoteSymbol"):
        raise invalid("Delimiter and QuoteSymbol must differ.")


def _classifier(document: dict[str, Any]) -> Classifier:
    (kind, body), *_ = document.items()
    if kind == "JsonClassifier":
        return JsonClassifier(body["Name"], body["JsonPath"])
    if kind != "CsvClassifier":
        return UnsupportedClassifier(body["Name"], kind.removesuffix("Classifier"))
    serde = body.get("Serde")
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
            serde="OpenCSVSerDe" if serde == "OpenCSVSerDe" else "LazySimpleSerDe",
        ),
    )


def _not_found(name: str) -> AwsError:
    return AwsError("EntityNotFoundException", f"Classifier {name} not found.")

"""Sales CSV files in, clean Parquet by year and month out: the lab's Glue job, grown up.

AWS Glue 5.1 runs this file as it is (Spark 3.5, Python 3.11), and so does the local cloud. It needs nothing else.

What comes out
    target      the accepted rows, Parquet in `año=2024/mes=1/` folders. Every column of the file is there under its lower-case
                name; `fecha` is a timestamp, `cantidad` a double (half a kilo is a quantity), other columns have the catalog's
                number types, or are text without the blanks around it.
    rejected    every other row as it was read, all text, with `motivo` (the reason) and `linea` (the whole line when it was not
                even a row). Accepted + rejected = read, always; the numbers are logged. It stands beside the target, not in it,
                so that a crawler over the target sees one table.

Running it again adds nothing: how, and why no job bookmark
    A bookmark is saved after the data is written, and it does not know which file a row came from: a run that dies in between,
    or a file that is sent again, gives every row twice. This job keeps a ledger of its own (`<control>/ledger.json`):
    which version of which file (path, size, time of change) became which objects.
      1. Files of the source that the ledger does not know are written to `<control>/staging/`, where no reader looks.
      2. One small PUT replaces the ledger: it now names these files and the objects to publish. That is the commit.
      3. The objects of an older version of the same files go, and the new ones get their names in the target.
    Dying before 2 leaves staging that the next run removes. Dying after 2 leaves work that the next run finishes first. A file
    that was sent again, changed or not, replaces its own rows. The job looks for new files until there are none, so one that arrives
    while it runs is taken too; `--input_paths` (what the Lambda saw arrive) is therefore only checked and logged.
    It needs one run at a time (MaxConcurrentRuns 1), as bookmarks do.

How often a file is read
    Once, while all counts are taken on the way, and once more only if it has rows to reject: Spark writes one schema per job, and
    rejected rows keep the original text where accepted rows have numbers. Caching instead would need the whole file in memory.

Arguments (all optional)
    --database, --table    the catalog table to read (bsg_db, raw_sales): its files, and its number types
    --source PATH          read this file or folder instead of a catalog table
    --target, --rejected, --control   where to write; the last two default to places beside the target
    --columns fecha=transaction_timestamp,cantidad=quantity   the file's own names for the two columns the job needs
    --types precio_unitario=double,…  types of other columns, before the catalog's
    --date_format dd/MM/yyyy   one more way to write a date, beside ISO 8601 (2024-01-15, 2024-01-15 10:30:00)
    --encoding             of the files; UTF-8
    --input_paths          JSON list of s3:// paths, or one path, that should be among the files
    --reprocess true       forget which files are done, and replace what they became
"""

from __future__ import annotations

import csv
import hashlib
import json
import logging
import re
import sys
import time
import uuid
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from typing import Any

from pyspark.sql import Column, DataFrame, Observation, SparkSession
from pyspark.sql import functions as F  # noqa: N812

log = logging.getLogger("sales_etl")

DEFAULTS = {
    "database": "bsg_db",
    "table": "raw_sales",
    "source": "",
    "target": "s3://bsg-data-processed/sales/",
    "rejected": "",
    "control": "",
    "columns": "",
    "types": "",
    "date_format": "",
    "encoding": "UTF-8",
    "input_paths": "[]",
    "reprocess": "false",
}
YEAR, MONTH, REASON, LINE = "año", "mes", "motivo", "linea"
REASONS = (
    "linea_mal_formada",
    "codificacion_no_valida",
    "fecha_vacia",
    "fecha_no_valida",
    "fecha_fuera_de_rango",
    "cantidad_vacia",
    "cantidad_no_numerica",
    "cantidad_no_positiva",
)
_TYPED = "__typed__"  # prefix of a column's converted value while its text is still beside it
_FILE = "file__"  # which file a row came from; a folder of staging
_NUMBER = re.compile(r"(tinyint|smallint|int|bigint|float|double|decimal)\b")
_PART = re.compile(rf"/staging/(\w+)/(sales|rejected)/{_FILE}=([0-9a-f]+)/(.*/)?[^/]+$")
_SAMPLE_BYTES = 1 << 20  # a header longer than this is no header


@dataclass(frozen=True)
class Options:
    """What is in the files and where the rows go; folders end with a slash.

    `read_as` gives the columns that Spark's CSV reader converts (the catalog's numbers); `converted` those that are read as text
    and converted here. Any other column is text.
    """

    target: str
    rejected: str
    control: str
    fecha: str = "fecha"
    cantidad: str = "cantidad"
    read_as: Mapping[str, str] = field(default_factory=dict)
    converted: Mapping[str, str] = field(default_factory=lambda: {"fecha": "timestamp", "cantidad": "double"})
    date_format: str = ""
    encoding: str = "UTF-8"
    separator: str = ","
    reprocess: bool = False


@dataclass(frozen=True)
class SourceFile:
    """One version of one CSV file."""

    path: str
    uri: str  # the path as Spark's input_file_name() gives it, percent-encoded
    size_bytes: int
    modified_ms: int

    @property
    def version(self) -> str:
        return _digest(f"{self.path}|{self.size_bytes}|{self.modified_ms}")


@dataclass(frozen=True)
class Header:
    """How a CSV file is to be read: its column names, as they will be called, and what separates them."""

    columns: tuple[str, ...]
    separator: str


# ---- pure: rows in, rows out -----------------------------------------------------------------------------------------


def judge_sales(raw: DataFrame, options: Options) -> DataFrame:
    """Add the converted values of text columns (prefixed) and `motivo`, the reason to reject the row (null: none).

    `raw` has the file's columns, fecha and cantidad as text, and may have `linea`: the whole line where Spark found something
    wrong with it. ValueError names the columns found if one of the two is missing.
    """
    names = _data_columns(raw)
    check_columns(names, options)
    # Column methods and not SQL text: starting Spark's SQL parser costs a warm driver a quarter of a second.
    converted = [_convert(name, options).alias(_TYPED + name) for name in names if name in options.converted]
    return raw.select("*", *converted).withColumn(REASON, _reason(raw, options))


def accepted_sales(judged: DataFrame, options: Options) -> DataFrame:
    """The rows without a reason, their values converted, and `año` and `mes` (int) of the date."""
    fecha = _col(_TYPED + options.fecha)
    found = set(judged.columns)
    columns = [_col(_TYPED + name if _TYPED + name in found else name).alias(name) for name in _data_columns(judged)]
    files = [F.col(_FILE)] if _FILE in found else []
    parts = [F.year(fecha).alias(YEAR), F.month(fecha).alias(MONTH)]
    return judged.where(F.col(REASON).isNull()).select(*columns, *files, *parts)


def rejected_sales(judged: DataFrame) -> DataFrame:
    """The rows with a reason, as they were read, and `motivo`."""
    columns = [_col(name) for name in judged.columns if not name.startswith(_TYPED)]
    return judged.where(F.col(REASON).isNotNull()).select(*columns)


def split_sales(raw: DataFrame, options: Options) -> tuple[DataFrame, DataFrame]:
    """(accepted, rejected): together as many rows as `raw`."""
    judged = judge_sales(raw, options)
    return accepted_sales(judged, options), rejected_sales(judged)


def _data_columns(rows: DataFrame) -> list[str]:
    return [name for name in rows.columns if name not in (LINE, _FILE, REASON) and not name.startswith(_TYPED)]


def _convert(name: str, options: Options) -> Column:
    text = _col(name)
    if name == options.fecha:
        # A bare cast also takes "2024", "2024-01" and even "10:30" (today's date!): only year-month-day is a date here.
        iso = F.when((F.length(text) >= 8) & (F.instr(text, "-") == 5), text.cast("timestamp"))
        return F.coalesce(iso, F.to_timestamp(text, options.date_format)) if options.date_format else iso
    kind = options.converted[name]
    # A comma before one or two digits is a decimal comma; "1,234" may be a thousand, so it is no number rather than a wrong one.
    comma = F.regexp_replace(text, "^([-+]?[0-9]+),([0-9]{1,2})$", "$1.$2")
    return F.coalesce(text.cast(kind), comma.cast(kind))


def _reason(raw: DataFrame, options: Options) -> Column:
    fecha, cantidad = _col(options.fecha), _col(options.cantidad)
    day, amount = _col(_TYPED + options.fecha), _col(_TYPED + options.cantidad)
    texts = [_col(name) for name, kind in raw.dtypes if kind == "string" and name in _data_columns(raw)]
    tests = (  # in REASONS' order; the first that holds is the reason
        _has_wrong_cells(raw, options),
        reduce(or_, (F.contains(text, F.lit("\ufffd")) for text in texts)),
        fecha.isNull() | (fecha == ""),
        day.isNull(),
        # Parquet's timestamps begin to differ between readers before 1900, and such a date is a slip of the finger.
        ~F.year(day).between(1900, 2199),
        cantidad.isNull() | (cantidad == ""),
        # Java reads "3d" and "3f" as 3 and knows Infinity and NaN (which Spark holds greater than anything); a shop does not.
        amount.isNull() | cantidad.rlike("[dDfF]$") | (F.abs(amount) >= 1e15),
        amount <= 0,
    )
    cases = list(zip(tests, REASONS, strict=True))
    first, reason = cases[0]
    return reduce(lambda case, pair: case.when(*pair), cases[1:], F.when(first, reason))


def _has_wrong_cells(raw: DataFrame, options: Options) -> Column:
    # Spark keeps the line both of a row with too many or too few cells and of one with a value that is not of its type.
    # Counting the separators outside quotes tells them apart; it is done for those few rows only.
    if LINE not in raw.columns:
        return F.lit(False)
    bare = F.regexp_replace(F.col(LINE), '"[^"]*"', "")
    cells = F.size(F.split(bare, re.escape(options.separator), -1))
    return F.col(LINE).isNotNull() & (cells != len(_data_columns(raw)))


def check_columns(found: Iterable[str], options: Options) -> None:
    """ValueError, naming the columns found, if the date or the quantity is not among them."""
    names = list(found)
    if missing := [name for name in (options.fecha, options.cantidad) if name not in names]:
        wanted = ", ".join(missing)
        raise ValueError(f"no column {wanted} among {', '.join(names)}. Name them: --columns fecha=…,cantidad=…")


def build_header(cells: Iterable[str], separator: str) -> Header:
    """Lower-case names without blanks (the catalog's rule); empty ones become `colN`, repeated and reserved ones get a suffix."""
    taken = {YEAR, MONTH, REASON, LINE, _FILE}
    reserved = frozenset(taken)
    names: list[str] = []
    for position, cell in enumerate(cells):
        plain = cell.replace("\ufeff", "").strip().lower() or f"col{position}"
        name, count = plain, 1
        while name in taken:
            count += 1
            name = f"{plain}_origen" if plain in reserved and count == 2 else f"{plain}_{count}"
        taken.add(name)
        names.append(name)
    return Header(tuple(names), separator)


def parse_header(start: bytes, encoding: str) -> Header | None:
    """The header in the first bytes of a CSV file; None if there is nothing in it. ValueError says what is wrong with them."""
    if start[:2] == b"\x1f\x8b":
        start = zlib.decompressobj(wbits=31).decompress(start, _SAMPLE_BYTES)
    text = _decode(start, encoding).removeprefix("\ufeff").lstrip("\r\n")
    line = re.split(r"\r\n|\r|\n", text, maxsplit=1)[0]
    if not line.strip():
        return None
    if len(line.encode()) >= _SAMPLE_BYTES:
        raise ValueError("its first line is longer than 1 MB: is this a CSV file with a header?")
    separator = max(",;\t|", key=line.count)
    return build_header(next(csv.reader([line], delimiter=separator)), separator)


def _decode(start: bytes, encoding: str) -> str:
    try:
        return start.decode(encoding)
    except UnicodeDecodeError as error:
        if error.end == len(start) or error.start > len(start) - 4:  # a character cut in two by the end of the sample
            return start[: error.start].decode(encoding)
        found = start[error.start : error.end].hex(" ")
        raise ValueError(
            f"byte {found} at position {error.start} is not {encoding}. If Excel saved it, it may be Latin-1: --encoding ISO-8859-1"
        ) from None


# ---- files: whatever Spark reads and writes, s3:// or a folder -------------------------------------------------------


class Files:
    """Hadoop's file systems, through the JVM that Spark already has."""

    def __init__(self, spark: SparkSession) -> None:
        self._jvm: Any = spark._jvm  # noqa: SLF001
        self._conf: Any = spark._jsc.hadoopConfiguration()  # noqa: SLF001
        self._made: set[str] = set()

    def _open(self, path: str) -> tuple[Any, Any]:
        place = self._jvm.org.apache.hadoop.fs.Path(path)
        return place.getFileSystem(self._conf), place

    def list_files(self, path: str) -> list[SourceFile]:
        """All files under a folder, or the file itself; nothing if it does not exist. Hidden ones (`_`, `.`) are left out."""
        system, place = self._open(path)
        try:
            found = system.listStatus(place)
        except Exception as error:
            if "FileNotFoundException" in str(error):
                return []
            raise
        files: list[SourceFile] = []
        for status in found:
            name = status.getPath().getName()
            if name.startswith((".", "_")):
                continue
            if status.isDirectory():
                files += self.list_files(status.getPath().toString())
            else:
                path, uri = status.getPath().toString(), status.getPath().toUri().toString()
                files.append(SourceFile(path, uri, status.getLen(), status.getModificationTime()))
        return files

    def exists(self, path: str) -> bool:
        system, place = self._open(path)
        return bool(system.exists(place))

    def decode(self, uri: str) -> str:
        """The path that a percent-encoded URI stands for."""
        return str(self._jvm.org.apache.hadoop.fs.Path(self._jvm.java.net.URI(uri)).toString())

    def list_folders(self, path: str) -> list[str]:
        system, place = self._open(path)
        if not system.exists(place):
            return []
        return [status.getPath().getName() for status in system.listStatus(place) if status.isDirectory()]

    def read_start(self, path: str, limit_bytes: int) -> bytes:
        system, place = self._open(path)
        stream = system.open(place)
        try:
            return bytes(stream.readNBytes(limit_bytes))
        finally:
            stream.close()

    def read_text(self, path: str) -> str | None:
        return self.read_start(path, 2**31 - 9).decode() if self.exists(path) else None

    def write_text(self, path: str, text: str) -> None:
        system, place = self._open(path)
        stream = system.create(place, True)
        stream.write(text.encode())
        stream.close()

    def move(self, old: str, new: str) -> None:
        """Give a file its new name, which no other file ever had: if it is there, this was done already."""
        system, source = self._open(old)
        target = self._jvm.org.apache.hadoop.fs.Path(new)
        if system.exists(target):
            return
        parent = new.rsplit("/", 1)[0]
        if parent not in self._made:
            system.mkdirs(target.getParent())
            self._made.add(parent)
        if not system.rename(source, target):
            raise RuntimeError(f"cannot rename {old} to {new}")

    def delete(self, path: str) -> None:
        system, place = self._open(path)
        system.delete(place, True)


# ---- the ledger: what is done, and what is left to publish -----------------------------------------------------------


class Ledger:
    """The job's memory in `<control>/ledger.json`; every change of it is one PUT."""

    def __init__(self, files: Files, control: str) -> None:
        self._files, self._path, self._staging = files, f"{control}ledger.json", f"{control}staging/"
        text = files.read_text(self._path)
        self._state: dict[str, Any] = json.loads(text) if text else {"sources": {}, "pending": {}}
        self._reprocess: set[str] = set()

    def recover(self) -> None:
        """Finish what an earlier run committed but did not publish, and remove what it did not commit."""
        pending = self._state["pending"]
        folders = self._files.list_folders(self._staging)
        if pending.get("staging") in folders:
            log.info("an earlier run committed its files and stopped: publishing them now")
            self.publish()
        for name in folders:
            self._files.delete(self._staging + name)

    def forget(self) -> None:
        """Have every file done again once; what it became before will be replaced."""
        self._reprocess = set(self._state["sources"])

    def knows(self, file: SourceFile) -> bool:
        done = self._state["sources"].get(file.path, {})
        return file.path not in self._reprocess and done.get("version") == file.version

    def begin(self) -> str:
        """A new staging folder."""
        return f"{self._staging}{uuid.uuid4().hex[:16]}/"

    def commit(self, staging: str, sources: list[SourceFile], outputs: Mapping[str, Mapping[str, str]]) -> None:
        """The point of no return. `outputs`: per source path, what each staged file will be called."""
        old = [name for file in sources for name in self._state["sources"].get(file.path, {}).get("outputs", [])]
        for file in sources:
            names = sorted(outputs.get(file.path, {}).values())
            entry = {"version": file.version, "size_bytes": file.size_bytes, "outputs": names}
            self._state["sources"][file.path] = entry
        moves = {staged: new for by_source in outputs.values() for staged, new in by_source.items()}
        name = staging.rstrip("/").rsplit("/", 1)[1]
        self._state["pending"] = {"staging": name, "delete": old, "move": moves}
        self._files.write_text(self._path, json.dumps(self._state, ensure_ascii=False, indent=1))
        self._reprocess -= {file.path for file in sources}

    def publish(self) -> None:
        """Do what the last commit promised; may be done again at any time."""
        pending = self._state["pending"]
        with ThreadPoolExecutor(_RENAMES_AT_ONCE) as pool:
            list(pool.map(self._files.delete, pending["delete"]))
            list(pool.map(self._files.move, pending["move"], pending["move"].values()))
        self._files.delete(self._staging + pending["staging"])


# ---- the run ---------------------------------------------------------------------------------------------------------


def run(spark: SparkSession, list_sources: Callable[[], list[SourceFile]], options: Options) -> dict[str, int]:
    """Take every file that is not done; return {"files", "read", "accepted", "rejected", and one count for each reason}.

    ValueError at the end names the files that cannot be read as sales; the others are done all the same.
    """
    for name, value in _SESSION.items():
        spark.conf.set(name, value)
    files = Files(spark)
    ledger = Ledger(files, options.control)
    ledger.recover()
    if options.reprocess:
        ledger.forget()
    totals: dict[str, int] = {"files": 0, "read": 0, "accepted": 0, "rejected": 0}
    problems: dict[SourceFile, str] = {}
    while fresh := [file for file in list_sources() if not ledger.knows(file) and file not in problems]:
        for header, group in _split(_group_by_header(files, fresh, options, problems)):
            try:
                counts = _run_batch(spark, files, ledger, header, group, options)
            except Exception:
                # An event may come for a file that somebody has deleted since; without it the others go on.
                if not _log_gone(files, group):
                    raise
                ledger.recover()
                break
            for name, count in counts.items():
                totals[name] = totals.get(name, 0) + count
    log.info("total %s", json.dumps(totals))
    if problems:
        lines = "\n".join(f"  {file.path}: {problem}" for file, problem in problems.items())
        raise ValueError(f"{len(problems)} file(s) are not sales, and were left as they are:\n{lines}")
    return totals


def _split(
    groups: Mapping[Header | None, list[SourceFile]],
) -> Iterable[tuple[Header | None, list[SourceFile]]]:
    for header, group in groups.items():
        for start in range(0, len(group), _BATCH_FILES):
            yield header, group[start : start + _BATCH_FILES]


# Every batch is a commit: a run that is stopped (the job's timeout) by a flood of files has not worked for nothing.
_BATCH_FILES = 100
# A rename on S3 is a copy and a deletion, and a file of a year's sales becomes twelve objects.
_RENAMES_AT_ONCE = 8
# Times without a zone are taken as they stand on every machine; what cannot be converted is null on every version of Spark.
_SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "false",
    "spark.sql.legacy.timeParserPolicy": "CORRECTED",
}
# Compiling the generated code takes half a second, which pays from about this size on.
_COMPILE_FROM_BYTES = 1 << 20
# Staging is read by nobody, so tasks may commit by themselves.
_WRITER = {
    "mapreduce.fileoutputcommitter.algorithm.version": "2",
    "mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
}


def _group_by_header(
    files: Files, fresh: list[SourceFile], options: Options, problems: dict[SourceFile, str]
) -> dict[Header | None, list[SourceFile]]:
    """Files that can be read together. One that cannot be read as sales is put into `problems`: it must not stop the others."""
    groups: dict[Header | None, list[SourceFile]] = defaultdict(list)
    for file in fresh:
        try:
            header = parse_header(files.read_start(file.path, _SAMPLE_BYTES), options.encoding)
            if header is not None:
                check_columns(header.columns, options)
            groups[header].append(file)
        except (ValueError, csv.Error, zlib.error) as error:
            problems[file] = str(error)
        except Exception:
            if not _log_gone(files, [file]):
                raise
    return groups


def _log_gone(files: Files, sources: list[SourceFile]) -> bool:
    """Log which files were deleted after they had been listed; False when all are there."""
    gone = [file.path for file in sources if not files.exists(file.path)]
    if gone:
        log.warning("deleted before it could be read, and left out: %s", gone)
    return bool(gone)


def _run_batch(
    spark: SparkSession,
    files: Files,
    ledger: Ledger,
    header: Header | None,
    sources: list[SourceFile],
    options: Options,
) -> dict[str, int]:
    """Stage, commit and publish files of one header; return their counts."""
    began = time.monotonic()
    compiled = sum(file.size_bytes for file in sources) >= _COMPILE_FROM_BYTES
    spark.conf.set("spark.sql.codegen.wholeStage", str(compiled).lower())
    spark.conf.set("spark.sql.codegen.factoryMode", "FALLBACK" if compiled else "NO_CODEGEN")
    staging = ledger.begin()
    counts = {"read": 0, "accepted": 0, "rejected": 0}
    if header is not None:
        options = replace(options, separator=header.separator)
        judged = judge_sales(read_sales(spark, header, sources, options), options)
        counts = _stage(judged, staging, options)
    else:
        log.warning("empty: %s", [file.path for file in sources])
    ledger.commit(staging, sources, _name_outputs(files.list_files(staging), sources, options))
    ledger.publish()
    counts = {"files": len(sources), **counts}
    log.info("done in %.2f s: %s %s", time.monotonic() - began, json.dumps(counts), [file.path for file in sources])
    return counts


def read_sales(spark: SparkSession, header: Header, sources: list[SourceFile], options: Options) -> DataFrame:
    """The files' rows, with `linea` (the whole line, where something is wrong with it) and a digest of the file's path."""
    kinds = {name: options.read_as.get(name, "string") for name in (*header.columns, LINE)}
    schema = ", ".join(f"{_quote(name)} {kind}" for name, kind in kinds.items())
    reader = spark.read.schema(schema).options(header=True, sep=header.separator, escape='"', encoding=options.encoding)
    reader = reader.options(ignoreLeadingWhiteSpace=True, ignoreTrailingWhiteSpace=True, columnNameOfCorruptRecord=LINE)
    # "ventas[1].csv" is a name, not a pattern.
    paths = [re.sub(r"([\\\[\]{}*?])", r"\\\1", file.path) for file in sources]
    # Asking Spark for each row's file costs time; one file needs no asking.
    digest = F.lit(_digest(sources[0].uri)) if len(sources) == 1 else F.substring(F.sha1(F.input_file_name()), 1, 12)
    return reader.csv(paths).withColumn(_FILE, digest)


def _stage(judged: DataFrame, staging: str, options: Options) -> dict[str, int]:
    """Write accepted and rejected rows below `staging`; return how many there were, and of which reason."""
    seen = Observation()
    off_type = F.count(F.when(F.col(REASON).isNull() & _is_off_type(judged, options), 1))
    measures = [F.count(F.lit(1)).alias("read"), F.count(REASON).alias("rejected"), off_type.alias("off_type")]
    accepted = accepted_sales(judged.observe(seen, *measures), options)
    accepted.write.options(**_WRITER).partitionBy(_FILE, YEAR, MONTH).parquet(f"{staging}sales")
    found = seen.get
    if found["off_type"]:
        log.warning(
            "%d rows have a value that is not of its column's type: null there (--types keeps text)", found["off_type"]
        )
    reasons = _stage_rejected(judged, staging) if found["rejected"] else {}
    if (written := sum(reasons.values())) != found["rejected"]:
        raise RuntimeError(
            f"{found['rejected']} rows to reject, {written} written: a file changed meanwhile. Run the job again"
        )
    return {"read": found["read"], "accepted": found["read"] - written, "rejected": written, **reasons}


def _stage_rejected(judged: DataFrame, staging: str) -> dict[str, int]:
    seen = Observation()
    counts = [F.count(F.when(F.col(REASON) == reason, 1)).alias(reason) for reason in REASONS]
    rows = rejected_sales(judged).observe(seen, *counts)
    rows.write.options(**_WRITER).partitionBy(_FILE).parquet(f"{staging}rejected")
    return {reason: number for reason, number in seen.get.items() if number}


def _is_off_type(judged: DataFrame, options: Options) -> Column:
    """True for a row with a value, other than date and quantity, that could not be converted."""
    roles = (options.fecha, options.cantidad)
    names = [name for name in _data_columns(judged) if name in options.converted and name not in roles]
    lost = [(_col(name) != "") & _col(_TYPED + name).isNull() for name in names]
    return reduce(or_, lost, F.col(LINE).isNotNull())


def _name_outputs(staged: list[SourceFile], sources: list[SourceFile], options: Options) -> dict[str, dict[str, str]]:
    """Per source path, what each staged object will be called: `<file>-<batch>-<n>.snappy.parquet` in its month's folder."""
    by_digest = {_digest(file.uri): file for file in sources}
    outputs: dict[str, dict[str, str]] = defaultdict(dict)
    for number, part in enumerate(sorted(staged, key=lambda file: file.path)):
        batch, kind, digest, folder = _PART.search(part.path).groups("")
        source = by_digest[digest]
        stem = re.sub(r"[^\w.-]+", "_", source.path.rsplit("/", 1)[1].rsplit(".csv", 1)[0])
        root = options.target if kind == "sales" else options.rejected
        outputs[source.path][part.path] = f"{root}{folder}{stem}-{batch}-{number:05d}.snappy.parquet"
    return outputs


def _col(name: str) -> Column:
    return F.col(_quote(name))


def _quote(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _digest(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:12]


# ---- the script ------------------------------------------------------------------------------------------------------


def build_options(arguments: Mapping[str, str], catalog_types: Mapping[str, str]) -> Options:
    """Options from the job's arguments (DEFAULTS fills in) and from the catalog's types of the columns, of which numbers count."""
    given = {**DEFAULTS, **arguments}
    target = given["target"].rstrip("/") + "/"
    roles = {"fecha": "fecha", "cantidad": "cantidad", **parse_pairs(given["columns"], "columns")}
    if unknown := set(roles) - {"fecha", "cantidad"}:
        raise ValueError(f"--columns maps fecha and cantidad, not {sorted(unknown)}")
    fecha, cantidad = roles["fecha"].lower(), roles["cantidad"].lower()
    asked = {column.lower(): kind.lower() for column, kind in parse_pairs(given["types"], "types").items()}
    converted = {"precio_unitario": "double", cantidad: "double", **asked, fecha: "timestamp"}
    numbers = {
        column: kind for column, kind in catalog_types.items() if _NUMBER.match(kind) and column not in converted
    }
    return Options(
        target=target,
        rejected=(given["rejected"] or _place_beside(target, "rejected_")).rstrip("/") + "/",
        control=(given["control"] or _place_beside(target, "_control/")).rstrip("/") + "/",
        fecha=fecha,
        cantidad=cantidad,
        read_as=numbers,
        converted=converted,
        date_format=given["date_format"],
        encoding=given["encoding"],
        reprocess=given["reprocess"].lower() == "true",
    )


def parse_pairs(text: str, argument: str) -> dict[str, str]:
    """`a=b,c=d` as a dict; commas inside brackets do not count (`decimal(10,2)`)."""
    pairs = [pair.partition("=") for pair in re.split(r",(?![^(]*\))", text) if pair.strip()]
    if wrong := [name for name, equals, value in pairs if not (name.strip() and equals and value.strip())]:
        raise ValueError(f"--{argument} takes name=value,name=value; cannot read {wrong}")
    return {name.strip(): value.strip() for name, _, value in pairs}


def _place_beside(target: str, prefix: str) -> str:
    """A folder in the target's parent; ValueError for a whole bucket, because there is no place beside it."""
    parent, _, name = target.rstrip("/").rpartition("/")
    if not parent or parent.endswith("/"):
        raise ValueError(
            f"--target {target} is a whole bucket: rejected rows need a place beside it. Take {target}sales/"
        )
    return f"{parent}/{prefix}{name}"


def read_arguments(argv: list[str]) -> dict[str, str]:
    """The job's arguments that were given; getResolvedOptions would take every name it is told as required."""
    from awsglue.utils import getResolvedOptions

    given = [name for name in (*DEFAULTS, "JOB_NAME") if any(re.match(f"--{name}(=|$)", word) for word in argv)]
    resolved = getResolvedOptions(argv, given)
    return {name: resolved[name] for name in given}


def list_csv(files: Files, source: str) -> list[SourceFile]:
    """The CSV files of a folder, or the one file that was named. FileNotFoundError if there is neither."""
    found = files.list_files(source)
    if not found and not files.exists(source):
        raise FileNotFoundError(f"--source {source}: there is no such file or folder")
    return [
        file for file in found if re.search(r"\.csv(\.gz)?$", file.path, re.IGNORECASE) or file.path.endswith(source)
    ]


def list_table(context: Any, files: Files, database: str, table: str) -> tuple[list[SourceFile], dict[str, str]]:
    """The files of a catalog table, and the types of its columns."""
    settings = {"useSparkDataSource": True, "useCatalogSchema": True}
    frame = context.create_data_frame.from_catalog(database=database, table_name=table, additional_options=settings)
    uris = set(frame.inputFiles())
    folders = {uri.rsplit("/", 1)[0] for uri in uris}
    listed = [file for folder in sorted(folders) for file in files.list_files(files.decode(folder))]
    found = {file for file in listed if file.uri in uris}
    # A file may be deleted between the two looks; one that is still there must be among those found.
    lost = uris - {file.uri for file in found}
    if hidden := sorted(uri for uri in lost if files.exists(files.decode(uri))):
        raise RuntimeError(f"{database}.{table} has {len(uris)} files and these could not be looked at: {hidden}")
    return sorted(found, key=lambda file: file.path), dict(frame.dtypes)


def check_arrivals(wanted: Iterable[str], known: Iterable[SourceFile]) -> None:
    """Log which of the paths that the Lambda saw arrive are not among the source's files."""
    names = {re.sub(r"^s3[an]?://", "s3://", file.path) for file in known}
    for path in wanted:
        log.info("arrived: %s%s", path, "" if path in names else " (not a file of this source: it is left alone)")


def main() -> None:
    """What AWS Glue runs."""
    from awsglue.context import GlueContext
    from awsglue.job import Job
    from pyspark.context import SparkContext

    logging.basicConfig(stream=sys.stdout, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    log.setLevel(logging.INFO)
    arguments = read_arguments(sys.argv)
    given = {**DEFAULTS, **arguments}
    context = GlueContext(SparkContext.getOrCreate())
    job = Job(context)
    job.init(given.get("JOB_NAME", "sales_etl"), arguments)
    files = Files(context.spark_session)

    def list_sources() -> tuple[list[SourceFile], dict[str, str]]:
        if given["source"]:
            return list_csv(files, given["source"]), {}
        return list_table(context, files, given["database"], given["table"])

    first, types = list_sources()
    arrived = given["input_paths"]
    check_arrivals(json.loads(arrived) if arrived.startswith("[") else [arrived], first)
    listed = [first]
    run(context.spark_session, lambda: listed.pop() if listed else list_sources()[0], build_options(arguments, types))
    job.commit()


if __name__ == "__main__":
    main()

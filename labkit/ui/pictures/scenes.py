"""What each picture shows: the pipeline of the lab, where it runs, and the choice of an engine."""

from __future__ import annotations

from collections.abc import Collection

from labkit.names import Names
from labkit.ui.pictures.shapes import Arrow, Box, draw_arrow, draw_box, draw_frame, draw_picture

WIDTH = 980
# The part of the pipeline that each notebook builds; notebook 0 shows the laptop and notebook 8 the choice of an engine.
PARTS = {
    1: ("raw", "processed"),
    2: ("iam",),
    3: ("crawler", "catalog"),
    4: ("glue",),
    5: ("lambda",),
    6: ("event",),
    7: ("athena", "cloudwatch"),
}


def build_pictures(names: Names) -> dict[str, str]:
    """File name → SVG of every picture of the notebooks."""
    pictures = {
        "architecture.svg": draw_pipeline(names, (), ""),
        "paso_0.svg": draw_laptop(),
        "paso_8.svg": draw_choice(),
    }
    for number, parts in PARTS.items():
        pictures[f"paso_{number}.svg"] = draw_pipeline(names, parts, str(number))
    return pictures


def draw_pipeline(names: Names, lit: Collection[str], badge: str) -> str:
    """The pipeline from the raw bucket to the query, with the parts in `lit` filled in."""
    boxes, arrows = _pipeline_boxes(names), _pipeline_arrows()
    parts = [draw_arrow(arrow, arrow.key in lit, badge) for arrow in arrows]
    parts += [draw_box(box, badge, box.key in lit) for box in boxes]
    chain = f"S3 {names.raw_bucket} → Lambda → Glue → S3 {names.processed_bucket} → Athena"
    shown = [f"{box.title} ({', '.join(box.lines)})" for box in boxes if box.key in lit]
    shown += [f"S3 → Lambda ({' '.join(arrow.words)})" for arrow in arrows if arrow.key in lit]
    told = [("es", _sentence(chain, "Resaltado", shown)), ("en", _sentence(chain, "Highlighted", shown))]
    return draw_picture(WIDTH, 436, f"labkit {badge}".strip(), told, parts)


def _sentence(chain: str, word: str, shown: list[str]) -> str:
    return f"{chain}. {word}: {'; '.join(shown)}." if shown else f"{chain}."


def _pipeline_boxes(names: Names) -> list[Box]:
    return [
        Box("raw", 30, 40, 185, 96, "S3", (names.raw_bucket, f"{names.raw_prefix}*.csv"), "bucket"),
        Box("lambda", 320, 40, 142, 96, "Lambda", (), "function"),
        Box("glue", 556, 40, 158, 96, "Glue job", ("Spark, 2 DPU",), "spark"),
        Box("processed", 750, 40, 205, 96, "S3", (names.processed_bucket, "año=/mes=/"), "bucket"),
        Box("crawler", 30, 202, 185, 88, "Glue crawler", ("CSV, Parquet",), "lens"),
        Box("catalog", 320, 202, 210, 88, "Data Catalog", (names.database, names.dataset), "table"),
        Box("athena", 750, 202, 205, 88, "Athena", ("SELECT …",), "table"),
        Box("iam", 30, 338, 450, 76, "IAM", (f"{names.glue_role} · {names.lambda_role}",), "key"),
        Box("cloudwatch", 505, 338, 450, 76, "CloudWatch", ("Logs, Metrics",), "chart"),
    ]


def _pipeline_arrows() -> list[Arrow]:
    return [
        Arrow("event", ((215, 88), (318, 88)), ("ObjectCreated", "*.csv"), (267, 108)),
        Arrow("start", ((462, 88), (554, 88)), ("StartJobRun",), (508, 108)),
        Arrow("write", ((714, 88), (748, 88))),
        Arrow("crawl", ((122, 136), (122, 200))),
        Arrow("schema", ((215, 246), (318, 246)), ("schema",), (267, 266)),
        Arrow("read", ((500, 202), (600, 138))),
        Arrow("tables", ((530, 246), (748, 246)), ("tables",), (640, 266)),
        Arrow("query", ((852, 202), (852, 138)), ("Parquet",), (890, 174)),
    ]


def draw_laptop() -> str:
    """Where the lab runs: cells and checks in JupyterLab, one endpoint, the local cloud or AWS behind it."""
    names = ("S3", "IAM", "Glue", "Lambda", "Athena", "CloudWatch")
    parts = [
        draw_frame(20, 20, 716, 330, "localhost"),
        draw_frame(345, 60, 376, 270, "labkit up"),
        draw_arrow(Arrow("call", ((250, 130), (343, 130)), ("boto3",), (296, 120)), lit=True),
        draw_arrow(Arrow("look", ((250, 262), (343, 262)), ("AWS API",), (296, 252)), lit=False),
        draw_arrow(Arrow("aws", ((736, 190), (778, 190))), lit=False),
        draw_box(
            Box("cells", 40, 85, 210, 90, "JupyterLab", ("import labkit", "labkit.open(1)"), "laptop"), "0", lit=True
        ),
        draw_box(Box("checks", 40, 217, 210, 90, "lab.check()", ('"1.1", "1.2", …',), "check"), "0", lit=True),
        draw_box(Box("aws", 780, 140, 180, 100, "AWS", ("LABKIT_TARGET", "=aws"), "cloud"), "", lit=False),
    ]
    icons = ("bucket", "key", "spark", "function", "table", "chart")
    for place, (name, icon) in enumerate(zip(names, icons, strict=True)):
        x, y = 354 + 182 * (place % 2), 98 + 76 * (place // 2)
        parts.append(draw_box(Box(name, x, y, 178, 62, name, (), icon), "", lit=False))
    services = ", ".join(names)
    told = [
        (
            "es",
            f"Un portátil: JupyterLab y lab.check() llaman con boto3 a la nube local ({services}); AWS queda fuera.",
        ),
        (
            "en",
            f"A laptop: JupyterLab and lab.check() call the local cloud with boto3 ({services}); AWS stays outside.",
        ),
    ]
    return draw_picture(WIDTH, 370, "labkit 0", told, parts)


def draw_choice() -> str:
    """Notebook 8: one workload, three engines, and the four moves that lead to a decision."""
    moves = (("predict()", "page"), ("measure()", "chart"), ("choose()", "scale"), ("ADR", "check"))
    parts = []
    for place, (word, icon) in enumerate(moves):
        x = 30 + 240 * place
        if place:
            parts.append(draw_arrow(Arrow(word, ((x - 40, 65), (x - 2, 65))), lit=True))
        parts.append(draw_box(Box(word, x, 34, 200, 62, word, (), icon), "8", lit=True))
    engines = (
        ("Glue job", "2 … n DPU, Spark", "spark"),
        ("Lambda", "≤ 15 min, ≤ 10 GB", "function"),
        ("pandas", "1 VM, RAM", "table"),
    )
    parts.append(draw_box(Box("in", 30, 228, 200, 90, "S3", ("CSV | Parquet",), "bucket"), "", lit=False))
    parts.append(draw_box(Box("out", 750, 228, 200, 90, "S3", ("Parquet", "USD / month"), "bucket"), "", lit=False))
    for place, (name, limits, icon) in enumerate(engines):
        y = 146 + 92 * place
        parts.append(draw_arrow(Arrow(name, ((230, 273), (368, y + 36))), lit=False))
        parts.append(draw_arrow(Arrow(name, ((610, y + 36), (748, 273))), lit=False))
        parts.append(draw_box(Box(name, 370, y, 240, 72, name, (limits,), icon), "", lit=False))
    told = [
        ("es", "Predecir, medir, decidir y justificar: un trabajo puede ir por Glue, Lambda o pandas de S3 a S3."),
        ("en", "Predict, measure, decide and justify: a workload may go from S3 to S3 through Glue, Lambda or pandas."),
    ]
    return draw_picture(WIDTH, 430, "labkit 8", told, parts)

"""The notebooks by number."""

from __future__ import annotations

# Steps 1 to 6 are those of the lab's text.
NOTEBOOKS = {
    0: "00_inicio",
    1: "01_s3",
    2: "02_iam",
    3: "03_crawler",
    4: "04_glue_etl",
    5: "05_lambda",
    6: "06_trigger",
    7: "07_athena_costes",
    8: "08_evaluacion",
    90: "90_spark_practica",
}
ROLES = 2
# Each takes for granted that all steps below this number are done.
NEEDS_BELOW = {**{number: number for number in range(9)}, 90: 2}

"""Where the tasks of notebook 3 put things: its text names them, its checks look there, and a reset deletes them."""

from __future__ import annotations

# A CSV of nothing but texts.
CUSTOMERS_FILE = "clientes.csv"
CUSTOMERS_PREFIX = "clientes/"
CUSTOMERS_TABLE = "clientes"
CUSTOMERS_CRAWLER = "clientes-crawler"
CUSTOMERS_CLASSIFIER = "clientes-csv"
# The sales by year and month.
MONTHS_PREFIX = "ventas_por_mes/"
MONTHS_TABLE = "ventas_por_mes"
MONTHS_CRAWLER = "ventas-por-mes-crawler"
# Made only where the function's role may be taken on by Glue too: the notebook shows that it may not.
REFUSED_CRAWLER = "con-otro-rol"

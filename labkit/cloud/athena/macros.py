"""DuckDB macros for what Trino does and DuckDB has no function for; made in each session before it is locked."""

from __future__ import annotations

from labkit.cloud.athena import result_text
from labkit.cloud.athena.dialect import moment_arithmetic, moment_texts, zoned_macros
from labkit.cloud.athena.functions.date_formats import MACROS as DATE_FORMAT_MACROS

_DIGITS = "replace(regexp_extract(t, '^[0-9.]+'), '.', '')"
_WHOLE = "(CASE WHEN contains(t, '.') THEN instr(t, '.') - 1 ELSE length(regexp_extract(t, '^[0-9]+')) END)"
_POWER = "coalesce(TRY_CAST(regexp_extract(t, 'e(.*)$', 1) AS INTEGER), 0)"

MACROS = (
    *moment_texts.MACROS,
    *moment_arithmetic.MACROS,
    *zoned_macros.MACROS,
    *DATE_FORMAT_MACROS,
    # substr: 1 is the first letter, negative counts from the end, 0 and beyond the end give ''.
    """CREATE MACRO slice_text(s, start, size) AS CASE
         WHEN s IS NULL OR start IS NULL OR size IS NULL THEN NULL
         WHEN size <= 0 OR start = 0 OR abs(start) > length(s) THEN ''
         WHEN start > 0 THEN substring(s, start, size)
         ELSE substring(s, length(s) + start + 1, size) END""",
    # a * k / b of three HUGEINTs, rounded half away from zero.
    "CREATE MACRO decimal_quotient(a, b, k) AS (a * k * 2 + abs(b) * sign(a)) // (b * 2)",
    # For DuckDB 1.5, which answers NULL.
    """CREATE MACRO checked_decimal_quotient(a, b, k) AS CASE
         WHEN b = 0 AND a IS NOT NULL THEN refused('DIVISION_BY_ZERO|Division by zero') ELSE decimal_quotient(a, b, k) END""",
    # CAST(double AS varchar): shortest digits, always with an exponent: 1.5E0.
    f"""CREATE MACRO scientific(t) AS (rtrim(ltrim({_DIGITS}, '0'), '0'))[1] || '.' ||
         coalesce(nullif((rtrim(ltrim({_DIGITS}, '0'), '0'))[2:], ''), '0') || 'E' ||
         ({_WHOLE} - 1 - (length({_DIGITS}) - length(ltrim({_DIGITS}, '0'))) + {_POWER})""",
    """CREATE MACRO double_text(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
         WHEN x = 0 THEN CASE WHEN signbit(x) THEN '-0E0' ELSE '0E0' END
         ELSE (CASE WHEN x < 0 THEN '-' ELSE '' END) || scientific(CAST(abs(x) AS VARCHAR)) END""",
    # CAST(real AS varchar) shows seven digits at most.
    """CREATE MACRO real_text(x) AS CASE WHEN isfinite(x) AND x <> 0 THEN (CASE WHEN x < 0 THEN '-' ELSE '' END) ||
         scientific(printf('%.6e', abs(CAST(CAST(x AS VARCHAR) AS DOUBLE)))) ELSE double_text(x) END""",
    """CREATE MACRO text_boolean_or_null(x) AS CASE WHEN regexp_full_match(x, '(?i)(true|t|1)') THEN true
         WHEN regexp_full_match(x, '(?i)(false|f|0)') THEN false END""",
    """CREATE MACRO text_boolean(x) AS CASE WHEN regexp_full_match(x, '(?i)(true|t|1)') THEN true
         WHEN regexp_full_match(x, '(?i)(false|f|0)') THEN false WHEN x IS NULL THEN NULL
         ELSE refused('INVALID_CAST_ARGUMENT|Cannot cast ''' || x || ''' to BOOLEAN') END""",
    "CREATE MACRO fitting_text_or_null(x, size, kind) AS CASE WHEN length(x) <= size THEN x END",
    """CREATE MACRO fitting_text(x, size, kind) AS CASE WHEN length(x) <= size THEN x WHEN x IS NULL THEN NULL
         ELSE refused('INVALID_CAST_ARGUMENT|Value ' || x || ' cannot be represented as ' || kind || '(' || size || ')') END""",
    # LIKE … ESCAPE: one character, which only %, _ and itself may follow.
    """CREATE MACRO checked_pattern(p, mark) AS CASE WHEN p IS NULL OR mark IS NULL THEN NULL
         WHEN length(mark) <> 1 THEN refused('INVALID_FUNCTION_ARGUMENT|Escape string must be a single character')
         WHEN contains(replace(replace(replace(p, mark || mark, ''), mark || '%', ''), mark || '_', ''), mark) THEN
           refused('INVALID_FUNCTION_ARGUMENT|Escape character must be followed by ''%'', ''_'' or the escape character itself')
         ELSE p END""",
    # Arrays are equal when all pairs are, different when one pair is, and otherwise unknown.
    """CREATE MACRO equal_lists(a, b, pairs) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN len(a) <> len(b) THEN false
         WHEN list_contains(pairs, false) THEN false WHEN len(list_filter(pairs, lambda x: x IS NULL)) > 0 THEN NULL ELSE true END""",
    # true if any is true; NULL if none is but some are NULL; false otherwise.
    """CREATE MACRO list_bool_or_null(l) AS CASE WHEN l IS NULL THEN NULL WHEN list_contains(l, true) THEN true
         WHEN len(list_filter(l, lambda x: x IS NULL)) > 0 THEN NULL ELSE false END""",
    # the pieces of a text that a lambda replaced; NULL when one is.
    "CREATE MACRO list_joined(l) AS list_reduce(l, lambda a, b: a || b)",
    """CREATE MACRO window_offset(n, low) AS CASE WHEN n >= low THEN n
         WHEN n IS NULL THEN refused('INVALID_FUNCTION_ARGUMENT|Offset must not be null')
         ELSE refused('INVALID_FUNCTION_ARGUMENT|Offset must be at least ' || low) END""",
    "CREATE MACRO finite_or_null(x) AS CASE WHEN isfinite(x) THEN x END",
    """CREATE MACRO positive_number(n, message, most) AS CASE WHEN n BETWEEN 1 AND most THEN n
         WHEN n > most THEN refused('INVALID_FUNCTION_ARGUMENT|' || message || ' and not more than ' || most)
         ELSE refused('INVALID_FUNCTION_ARGUMENT|' || message) END""",
    """CREATE MACRO positive_weight(w) AS CASE WHEN w > 0 THEN w
         ELSE refused('INVALID_FUNCTION_ARGUMENT|weight must be > 0') END""",
    # quantile_disc takes the value before a border, Trino's digest the one after it; beyond 0 to 1 it fails (2 does that).
    "CREATE MACRO checked_share(p) AS CASE WHEN p < 0 OR p > 1 THEN 2 WHEN p < 1 THEN p + 1e-12 ELSE 1 END",
    """CREATE MACRO sorted_share(l, p) AS CASE WHEN p BETWEEN 0 AND 1 THEN
           list_extract(l, CAST(least(floor(p * len(l) + 1e-12) + 1, len(l)) AS BIGINT))
         ELSE refused('INVALID_FUNCTION_ARGUMENT|Percentile must be between 0 and 1') END""",
    """CREATE MACRO checked_error(e) AS CASE WHEN e BETWEEN 0.0040625 AND 0.26 THEN 0 WHEN e IS NULL THEN 0 ELSE
         refused('INVALID_FUNCTION_ARGUMENT|Standard error must be in [0.0040625, 0.26]: ' || e) END""",
    *result_text.MACROS,
)

"""Probability: normal, beta and Student's t distributions, Wilson's interval."""

from __future__ import annotations

import math

from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.functions.texts import invalid
from labkit.cloud.athena.python_functions import python

_NEAR = 1e-15
_TINY = 1e-50
# M. Giles, "Approximating the erfinv function": polynomials in w = -ln(1 - x*x), for its centre, its sides and its tails.
_CENTRE = (
    -3.6444120640178196996e-21, -1.685059138182016589e-19, 1.2858480715256400167e-18, 1.115787767802518096e-17,
    -1.333171662854620906e-16, 2.0972767875968561637e-17, 6.6376381343583238325e-15, -4.0545662729752068639e-14,
    -8.1519341976054721522e-14, 2.6335093153082322977e-12, -1.2975133253453532498e-11, -5.4154120542946279317e-11,
    1.051212273321532285e-09, -4.1126339803469836976e-09, -2.9070369957882005086e-08, 4.2347877827932403518e-07,
    -1.3654692000834678645e-06, -1.3882523362786468719e-05, 0.0001867342080340571352, -0.00074070253416626697512,
    -0.0060336708714301490533, 0.24015818242558961693, 1.6536545626831027356,
)  # fmt: skip
_SIDES = (
    2.2137376921775787049e-09, 9.0756561938885390979e-08, -2.7517406297064545428e-07, 1.8239629214389227755e-08,
    1.5027403968909827627e-06, -4.013867526981545969e-06, 2.9234449089955446044e-06, 1.2475304481671778723e-05,
    -4.7318229009055733981e-05, 6.8284851459573175448e-05, 2.4031110387097893999e-05, -0.0003550375203628474796,
    0.00095328937973738049703, -0.0016882755560235047313, 0.0024914420961078508066, -0.0037512085075692412107,
    0.005370914553590063617, 1.0052589676941592334, 3.0838856104922207635,
)  # fmt: skip
_TAILS = (
    -2.7109920616438573243e-11, -2.5556418169965252055e-10, 1.5076572693500548083e-09, -3.7894654401267369937e-09,
    7.6157012080783393804e-09, -1.4960026627149240478e-08, 2.9147953450901080826e-08, -6.7711997758452339498e-08,
    2.2900482228026654717e-07, -9.9298272942317002539e-07, 4.5260625972231537039e-06, -1.9681778105531670567e-05,
    7.5995277030017761139e-05, -0.00021503011930044477347, -0.00013871931833623122026, 1.0103004648645343977,
    4.8499064014085844221,
)  # fmt: skip


def _need(fine: bool, complaint: str) -> None:
    if not fine:
        raise invalid(complaint)


def _erf_inverse(value: float) -> float:
    terms: tuple[float, ...]
    w = -math.log((1.0 - value) * (1.0 + value))
    if w < 6.25:
        at, terms = w - 3.125, _CENTRE
    elif w < 16.0:
        at, terms = math.sqrt(w) - 3.25, _SIDES
    else:
        at, terms = math.sqrt(w) - 5.0, _TAILS
    total = 0.0
    for term in terms:
        total = term + total * at
    return total * value


def _inverse_normal(mean: float, deviation: float, p: float) -> float:
    _need(0 < p < 1, "p must be 0 > p > 1")
    _need(deviation > 0, "sd must be > 0")
    return mean + deviation * 1.4142135623730951 * _erf_inverse(2 * p - 1)


def _normal(mean: float, deviation: float, value: float) -> float:
    _need(deviation > 0, "standardDeviation must be > 0")
    return 0.5 * (1 + math.erf((value - mean) / (deviation * math.sqrt(2))))


def _beta_regular(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function, by its continued fraction (Lentz)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (2 + b + a) and 1 - x <= (b + 1) / (2 + b + a):
        return 1 - _beta_regular(1 - x, b, a)
    front = math.exp(
        a * math.log(x) + b * math.log1p(-x) - math.log(a) - (math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b))
    )
    return front / _beta_fraction(x, a, b)


def _beta_fraction(x: float, a: float, b: float) -> float:
    made = above = 1.0
    below = 0.0
    for step in range(1, 20_000):
        half = step // 2
        if step % 2 == 0:
            term = half * (b - half) * x / ((a + step - 1) * (a + step))
        else:
            term = -((a + half) * (a + b + half) * x) / ((a + step - 1) * (a + step))
        below = 1.0 / ((1.0 + term * below) or _TINY)
        above = (1.0 + term / above) or _TINY
        made *= above * below
        if abs(above * below - 1.0) < _NEAR:
            break
    return made


def _beta(a: float, b: float, value: float) -> float:
    _need(0 <= value <= 1, "value must be 0 >= v >= 1")
    _need(a > 0 and b > 0, "a, b must be > 0")
    return _beta_regular(value, a, b)


def _inverse_beta(a: float, b: float, p: float) -> float:
    _need(0 <= p <= 1, "p must be 0 >= p >= 1")
    _need(a > 0 and b > 0, "a, b must be > 0")
    if p in (0, 1):
        return float(p)
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if _beta_regular(middle, a, b) < p else (low, middle)
    return (low + high) / 2


def _t_pdf(x: float, freedom: float) -> float:
    _need(freedom > 0, "df must be > 0")
    half = (freedom + 1) / 2
    scale = math.lgamma(half) - 0.5 * (math.log(math.pi) + math.log(freedom)) - math.lgamma(freedom / 2)
    return math.exp(scale - half * math.log(1 + x * x / freedom))


def _t_cdf(x: float, freedom: float) -> float:
    _need(freedom > 0, "df must be > 0")
    if x == 0:
        return 0.5
    tail = 0.5 * _beta_regular(freedom / (freedom + x * x), 0.5 * freedom, 0.5)
    return tail if x < 0 else 1.0 - tail


def _wilson(successes: int, trials: int, z: float, side: int) -> float:
    _need(successes >= 0, "number of successes must not be negative")
    _need(trials > 0, "number of trials must be positive")
    _need(successes <= trials, "number of successes must not be larger than number of trials")
    _need(z >= 0, "z-score must not be negative")
    p, n = successes / trials, float(trials)
    spread = side * z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (p + z * z / (2 * n) + spread) / (1 + z * z / n)


def _wilson_lower(successes: int, trials: int, z: float) -> float:
    return _wilson(successes, trials, z, -1)


def _wilson_upper(successes: int, trials: int, z: float) -> float:
    return _wilson(successes, trials, z, 1)


_THREE = ("DOUBLE", "DOUBLE", "DOUBLE")
_COUNTS = ("BIGINT", "BIGINT", "DOUBLE")

ENTRIES: list[Entry] = [
    ("normal_cdf(double, double, double) -> double", python(_normal, _THREE, "DOUBLE")),
    ("inverse_normal_cdf(double, double, double) -> double", python(_inverse_normal, _THREE, "DOUBLE")),
    ("beta_cdf(double, double, double) -> double", python(_beta, _THREE, "DOUBLE")),
    ("inverse_beta_cdf(double, double, double) -> double", python(_inverse_beta, _THREE, "DOUBLE")),
    ("t_pdf(double, double) -> double", python(_t_pdf, _THREE[:2], "DOUBLE")),
    ("t_cdf(double, double) -> double", python(_t_cdf, _THREE[:2], "DOUBLE")),
    ("wilson_interval_lower(bigint, bigint, double) -> double", python(_wilson_lower, _COUNTS, "DOUBLE")),
    ("wilson_interval_upper(bigint, bigint, double) -> double", python(_wilson_upper, _COUNTS, "DOUBLE")),
]

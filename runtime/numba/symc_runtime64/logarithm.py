# SPDX-License-Identifier: Apache-2.0
"""Logarithms and the inverse hyperbolic functions.

x = 2^n m with 0.707 <= m < 1.414, and c is the reciprocal in 12 bits of the middle of one of 64 intervals that
holds m: ln(x) = n ln(2) - ln(c) + ln(1 + r), r = c m - 1 exactly, |r| < 2^-7. Around 1 c is 1, so that r keeps all
digits there. The result is a pair within 2^-67 of its size (Tang, "Table-driven implementation of the logarithm
function in IEEE floating-point arithmetic", 1990).

Printed by runtime/double/write.py from symc/ir/binary64/logarithm.py.
"""

from __future__ import annotations

import numpy as np

from .core import SHIFT, Pair, abs_, bits, from_bits, with_sign
from .jit import F64, U64, called, inlined, public
from .pairs import over, plus, plus_double, power_of_two, product_of, root, sum_of, sum_ordered, times

__all__ = ["acosh", "asinh", "atanh", "log", "log1p", "log2", "log10"]

LN2_1 = 0.6931471805598903
LN2_2 = 5.497923018708371e-14
LOG_START = 0x3fe6a00000000000
LOG_ONE = 37
INFINITE = np.inf
NOT_A_NUMBER = np.nan
INV_LN2_HI = 1.4426950408889634
INV_LN2_LO = 2.0355273740931033e-17
INV_LN10_HI = 0.4342944819032518
INV_LN10_LO = 1.098319650216765e-17
LOG2_HI = 0.6931471805599453
LOG2_LO = 2.3190468138462996e-17
LOG_HI = np.array(
    [
        -0.3412737489252322, -0.3301043483384092, -0.31951850495465806, -0.3088194014680994,
        -0.29800458805789276, -0.287804135314218, -0.27749856011701013, -0.2670856731706408,
        -0.2569409308975992, -0.24669221716408174, -0.2367228094406073, -0.22704219172987905,
        -0.21726694282529024, -0.2077919410285176, -0.19822630412045328, -0.1885682813619951,
        -0.179224317379294, -0.16979221956717083, -0.1606861963805386, -0.1514964909392802,
        -0.1426450105980166, -0.13371448133148078, -0.1247034785010328, -0.11604541575775329,
        -0.10731173578915332, -0.0985011061068235, -0.0900584876414996, -0.08154398404008134,
        -0.07295636064304745, -0.06475212137024755, -0.05601844140164758, -0.04813891048320329,
        -0.0397276459391378, -0.03171818027067275, -0.023644044742468395, -0.015984840234295916,
        -0.0077821404420319595, 0.0, 0.01574835696806076, 0.030741141554244678,
        0.04596213556465045, 0.060380510988807146, 0.07500982100486908, 0.08985632912185793,
        0.10384257109649297, 0.11802720608852724, 0.13130173729723538, 0.14531934837646077,
        0.1583914299440039, 0.1716366566938632, 0.18505967702617454, 0.19806991376208316,
        0.2106486959689846, 0.2233877217463487, 0.23567288854087565, 0.24811085983310477,
        0.2600719719036988, 0.2721778859158803, 0.28378343203621625, 0.29552524991277096,
        0.30674278753281214, 0.31875895347548067, 0.32956256969669084, 0.3411707574027787,
    ],
    np.float64,
)
LOG_LO = np.array(
    [
        1.0213250583863636e-13, -1.0070849441370008e-13, -5.608981081516608e-14, 8.836369091602878e-15,
        5.080186543352362e-15, -8.86033706746343e-14, -3.90731661077848e-14, -6.771620697839476e-14,
        9.874803015966392e-14, 7.380187015494114e-14, 1.6697556757283146e-14, 1.1971618944343003e-14,
        6.552964452924258e-14, -3.8085843920456576e-15, 7.84628155118984e-14, -2.269656007844022e-14,
        -8.025827105453149e-14, -3.214493479774187e-14, 7.545255661831038e-14, -6.352639387200413e-14,
        1.0738634766523493e-13, -3.157875230549091e-14, 7.556920687451337e-14, -8.936559926276793e-14,
        6.526678802731071e-14, -1.0965899689943145e-13, -2.8998005812982816e-14, -9.555983780806421e-14,
        1.0272657823119813e-13, -4.457116903591918e-14, 1.1006121825415946e-13, 9.123479968292535e-14,
        -8.093411874905585e-14, -1.117930281017946e-13, -5.3149232754812614e-14, 5.989469622624518e-14,
        -2.298941004620351e-14, 0.0, 7.840703382506278e-14, 3.582445626958196e-14,
        -1.4693284460141064e-14, 1.0033424888676119e-13, -2.5061174934837362e-15, 3.1218748807418837e-15,
        1.0796188687604807e-13, 3.013227959910772e-14, 1.811460150533731e-14, 1.0409731215117122e-13,
        -8.626913488119114e-14, 7.508450229038218e-14, -9.558151758503085e-14, 1.0634128304268335e-14,
        -3.069876565268571e-14, 3.498161122982022e-14, 8.57578692794238e-14, 7.365833388300793e-14,
        5.751762456294757e-14, -6.465103064005256e-14, -9.26499207910109e-14, 3.586053092023274e-14,
        9.079972152942519e-14, -9.124772258468615e-14, 7.72899031101633e-14, -1.156568624616423e-14,
    ],
    np.float64,
)
LOG_C = np.array(
    [
        1.40673828125, 1.39111328125, 1.37646484375, 1.36181640625,
        1.34716796875, 1.33349609375, 1.31982421875, 1.30615234375,
        1.29296875, 1.27978515625, 1.26708984375, 1.2548828125,
        1.24267578125, 1.23095703125, 1.21923828125, 1.20751953125,
        1.1962890625, 1.18505859375, 1.17431640625, 1.16357421875,
        1.1533203125, 1.14306640625, 1.1328125, 1.123046875,
        1.11328125, 1.103515625, 1.09423828125, 1.0849609375,
        1.07568359375, 1.06689453125, 1.0576171875, 1.04931640625,
        1.04052734375, 1.0322265625, 1.02392578125, 1.01611328125,
        1.0078125, 1.0, 0.984375, 0.9697265625,
        0.955078125, 0.94140625, 0.927734375, 0.9140625,
        0.9013671875, 0.888671875, 0.876953125, 0.86474609375,
        0.853515625, 0.84228515625, 0.8310546875, 0.8203125,
        0.81005859375, 0.7998046875, 0.7900390625, 0.7802734375,
        0.77099609375, 0.76171875, 0.7529296875, 0.744140625,
        0.73583984375, 0.72705078125, 0.71923828125, 0.7109375,
    ],
    np.float64,
)


@inlined
def polynomial_log(t):
    p = -0.10001157502142495
    p = p * t + 0.1111237383939607
    p = p * t + -0.12499999949759921
    p = p * t + 0.14285714230907
    p = p * t + -0.16666666666667365
    p = p * t + 0.20000000000000762
    p = p * t + -0.25
    p = p * t + 0.3333333333333333
    return p


@called
def log_sum(n, j, r):
    """n ln(2) - ln(c_j) + ln(1 + r)."""
    s = product_of(r.hi, r.hi)
    cube = r.hi * s.hi * polynomial_log(r.hi)
    # Exact: both are multiples of 2^-42.
    u = sum_of(n * LN2_1 + LOG_HI[j], r.hi)
    v = sum_of(u.hi, -0.5 * s.hi)
    rest = r.lo - (0.5 * s.lo + r.hi * r.lo) + cube
    return sum_ordered(v.hi, v.lo + (u.lo + (n * LN2_2 + LOG_LO[j] + rest)))


@called
def log_exponent(u):
    """n of a normal number with the pattern u."""
    return F64(U64(U64(U64(u + U64(4611686018427387904)) - U64(LOG_START)) >> U64(52))) - 1024.0


@called
def log_interval(u):
    """The interval of a normal number with the pattern u."""
    return U64(U64(U64(u - U64(LOG_START)) >> U64(46)) & U64(63))


@called
def log_rest(m, tail, j):
    """c_j (m + tail) - 1: of m in two halves the products are exact."""
    c = LOG_C[j]
    upper = from_bits(U64(bits(m) & U64(18446744073575333888)))
    r = sum_of(upper * c - 1.0, (m - upper) * c)
    return sum_ordered(r.hi, r.lo + tail * c)


@called
def log_normal(x, scale):
    """ln(x 2^-scale) of a normal number."""
    u = bits(x)
    n = log_exponent(u)
    j = log_interval(u)
    m = from_bits(U64(u - U64(bits(n + SHIFT) << U64(52))))
    return log_sum(n - scale, j, log_rest(m, 0.0, j))


@called
def log_pair(x):
    """ln(x) of x from 2^-1000 to 2^1000."""
    u = bits(x.hi)
    n = log_exponent(u)
    j = log_interval(u)
    m = from_bits(U64(u - U64(bits(n + SHIFT) << U64(52))))
    return log_sum(n, j, log_rest(m, x.lo * power_of_two(-n), j))


@called
def log1p_pair(a):
    """ln(1 + a) of -1 < a < 2^1000."""
    inner = (a.hi > -0.00390625) & (a.hi < 0.0078125)
    s = sum_of(1.0, a.hi)
    x = sum_ordered(s.hi, s.lo + a.lo)
    u = bits(x.hi)
    n = log_exponent(u)
    j = log_interval(u)
    m = from_bits(U64(u - U64(bits(n + SHIFT) << U64(52))))
    r = log_rest(m, x.lo * power_of_two(-n), j)
    return log_sum(0.0 if inner else n, U64(LOG_ONE) if inner else j, a if inner else r)


@called
def log_any(x):
    """ln(x) of a positive finite number, subnormal ones too."""
    tiny = (x < 2.2250738585072014e-308)
    return log_normal(x * 1.8014398509481984e+16 if tiny else x, 54.0 if tiny else 0.0)


@called
def log_special(x, y):
    """The logarithm of x: y where x is positive and finite."""
    edge = -INFINITE if (x == 0.0) else (NOT_A_NUMBER if (x < 0.0) else x)
    return y if (x > 0.0) & (x < INFINITE) else edge


@public
def log(x):
    """Natural logarithm."""
    y = log_any(x)
    return log_special(x, y.hi + y.lo)


@public
def log2(x):
    """Logarithm to base 2."""
    y = times(log_any(x), Pair(INV_LN2_HI, INV_LN2_LO))
    return log_special(x, y.hi + y.lo)


@public
def log10(x):
    """Logarithm to base 10."""
    y = times(log_any(x), Pair(INV_LN10_HI, INV_LN10_LO))
    return log_special(x, y.hi + y.lo)


@public
def log1p(x):
    """Natural logarithm of 1 + x."""
    y = log1p_pair(Pair(1e+290 if (x > 1e+290) else x, 0.0))
    inner = x if (abs_(x) < 5e-20) else y.hi + y.lo
    edge = -INFINITE if (x == -1.0) else (NOT_A_NUMBER if (x < -1.0) else inner)
    return log(x) if (x > 1e+290) else edge


@called
def log_double(a):
    """ln(2 a) of a large number."""
    y = plus(log_any(a), Pair(LOG2_HI, LOG2_LO))
    return y.hi + y.lo if (a < INFINITE) else a


@public
def asinh(x):
    """Inverse hyperbolic sine: ln(1 + a + a^2 / (1 + sqrt(1 + a^2)))."""
    a = abs_(x)
    b = 1.0 if (a > 1073741824.0) else a
    s = product_of(b, b)
    d = plus_double(root(plus_double(s, 1.0)), 1.0)
    y = log1p_pair(plus_double(over(s, d), b))
    outer = log_double(a) if (a > 1073741824.0) else y.hi + y.lo
    return x if (a < 9.3e-10) else with_sign(outer, x)


@public
def acosh(x):
    """Inverse hyperbolic cosine: ln(1 + t + sqrt(t (t + 2))), t = x - 1."""
    b = 2.0 if (x > 1073741824.0) else x
    t = sum_of(b, -1.0)
    y = log1p_pair(plus(t, root(times(t, plus_double(t, 2.0)))))
    inner = y.hi + y.lo if (x > 1.0) else (0.0 if (x == 1.0) else x * NOT_A_NUMBER)
    return log_double(x) if (x > 1073741824.0) else inner


@public
def atanh(x):
    """Inverse hyperbolic tangent: ln(1 + 2 a / (1 - a)) / 2."""
    a = abs_(x)
    y = log1p_pair(over(Pair(a + a, 0.0), sum_of(1.0, -a)))
    inner = x if (a < 9.3e-10) else with_sign((y.hi + y.lo) * 0.5, x)
    return inner if (a < 1.0) else (with_sign(INFINITE, x) if (a == 1.0) else x * NOT_A_NUMBER)

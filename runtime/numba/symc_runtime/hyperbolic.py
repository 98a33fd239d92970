# SPDX-License-Identifier: Apache-2.0
"""What sinh and cosh share: f64/hyperbolic.h."""

from __future__ import annotations

import numpy as np

from .f32 import from_bits
from .f64 import INVERSE_LN2, LN2_SHORT, LN2_SHORT_LOW, SHIFT, UNIT, fma, power_of_two
from .jit import F64, U32, inlined

# begin SINH
SINH_1 = np.float64(float.fromhex("0x1.5555555555558p-3"))
SINH_2 = np.float64(float.fromhex("0x1.111111110fa64p-7"))
SINH_3 = np.float64(float.fromhex("0x1.a01a01aea1483p-13"))
SINH_4 = np.float64(float.fromhex("0x1.71ddfb2903bedp-19"))
SINH_5 = np.float64(float.fromhex("0x1.af5a43652c4e3p-26"))
# end SINH
# begin COSH
COSH_1 = np.float64(float.fromhex("0x1p-1"))
COSH_2 = np.float64(float.fromhex("0x1.5555555555556p-5"))
COSH_3 = np.float64(float.fromhex("0x1.6c16c16c15dd3p-10"))
COSH_4 = np.float64(float.fromhex("0x1.a01a01a94b389p-16"))
COSH_5 = np.float64(float.fromhex("0x1.27e4d4b12fbc1p-22"))
COSH_6 = np.float64(float.fromhex("0x1.1f7f1af00c558p-29"))
# end COSH


@inlined
def hyperbolic_parts(magnitude):
    """(sinh(a), cosh(a), sinh(r), cosh(r) - 1) for |x| = a + r, a = n ln(2)."""
    v = F64(from_bits(U32(min(magnitude, U32(0x42D20000)))))
    shifted = fma(v, INVERSE_LN2, SHIFT)
    n = shifted - SHIFT
    r = fma(-n, LN2_SHORT_LOW, fma(-n, LN2_SHORT, v))
    up = power_of_two(shifted - UNIT)
    down = power_of_two((SHIFT - UNIT) - n)
    z = r * r
    s = SINH_5
    s = fma(s, z, SINH_4)
    s = fma(s, z, SINH_3)
    s = fma(s, z, SINH_2)
    s = fma(s, z, SINH_1)
    c = COSH_6
    c = fma(c, z, COSH_5)
    c = fma(c, z, COSH_4)
    c = fma(c, z, COSH_3)
    c = fma(c, z, COSH_2)
    c = fma(c, z, COSH_1)
    return up - down, up + down, fma(r * z, s, r), c * z

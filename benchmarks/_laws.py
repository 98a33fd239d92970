"""Laws to be found again from their values: the Feynman Symbolic Regression Database, the Strogatz systems, textbooks.

FEYNMAN: the 100 equations and 20 bonus ones ("test_...") of Udrescu and Tegmark, "AI Feynman: a physics-inspired method
for symbolic regression", Science Advances 6 (2020), with their published ranges. Left out, as SRBench does, are the
three with an inverse of sine or cosine: I.26.2, I.30.5 and test_10. That leaves 117.

STROGATZ: both right-hand sides of the seven two-state systems of La Cava, Danai and Spector (2016), after Strogatz,
"Nonlinear dynamics and chaos", which SRBench takes as 14 data sets. Its rows are 4 trajectories of 10 time units; ours
are drawn from boxes, which are about what trajectories from the published starting points pass through.

TEXTBOOK: 20 formulas of engineering, physics and biology that are in neither set. symc was made better on laws of the
first two; these say what it does with others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sympy
from numpy.typing import NDArray

from symc.ir.parse import parse
from symc.ir.symbolic import symbol

Array = NDArray[np.float64]

# One law a line: name : formula : names and their range; more names and their range ...
_FEYNMAN = """
I.6.2a : exp(-theta^2/2)/sqrt(2*pi) : theta 1 3
I.6.2 : exp(-(theta/sigma)^2/2)/(sqrt(2*pi)*sigma) : sigma theta 1 3
I.6.2b : exp(-((theta - theta1)/sigma)^2/2)/(sqrt(2*pi)*sigma) : sigma theta theta1 1 3
I.8.14 : sqrt((x2 - x1)^2 + (y2 - y1)^2) : x1 x2 y1 y2 1 5
I.9.18 : G*m1*m2/((x2 - x1)^2 + (y2 - y1)^2 + (z2 - z1)^2) : m1 m2 G x2 y2 z2 1 2; x1 y1 z1 3 4
I.10.7 : m_0/sqrt(1 - v^2/c^2) : m_0 1 5; v 1 2; c 3 10
I.11.19 : x1*y1 + x2*y2 + x3*y3 : x1 x2 x3 y1 y2 y3 1 5
I.12.1 : mu*Nn : mu Nn 1 5
I.12.2 : q1*q2*r/(4*pi*epsilon*r^3) : q1 q2 epsilon r 1 5
I.12.4 : q1*r/(4*pi*epsilon*r^3) : q1 epsilon r 1 5
I.12.5 : q2*Ef : q2 Ef 1 5
I.12.11 : q*(Ef + B*v*sin(theta)) : q Ef B v theta 1 5
I.13.4 : 1/2*m*(v^2 + u^2 + w^2) : m v u w 1 5
I.13.12 : G*m1*m2*(1/r2 - 1/r1) : m1 m2 r1 r2 G 1 5
I.14.3 : m*g*z : m g z 1 5
I.14.4 : 1/2*k_spring*x^2 : k_spring x 1 5
I.15.3x : (x - u*t)/sqrt(1 - u^2/c^2) : x 5 10; u t 1 2; c 3 20
I.15.3t : (t - u*x/c^2)/sqrt(1 - u^2/c^2) : x t 1 5; c 3 10; u 1 2
I.15.1 : m_0*v/sqrt(1 - v^2/c^2) : m_0 1 5; v 1 2; c 3 10
I.16.6 : (u + v)/(1 + u*v/c^2) : c v u 1 5
I.18.4 : (m1*r1 + m2*r2)/(m1 + m2) : m1 m2 r1 r2 1 5
I.18.12 : r*F*sin(theta) : r F 1 5; theta 0 5
I.18.14 : m*r*v*sin(theta) : m r v theta 1 5
I.24.6 : 1/2*m*(omega^2 + omega_0^2)*1/2*x^2 : m omega omega_0 x 1 3
I.25.13 : q/C : q C 1 5
I.27.6 : 1/(1/d1 + n/d2) : d1 d2 n 1 5
I.29.4 : omega/c : omega c 1 10
I.29.16 : sqrt(x1^2 + x2^2 - 2*x1*x2*cos(theta1 - theta2)) : x1 x2 theta1 theta2 1 5
I.30.3 : Int_0*sin(n*theta/2)^2/sin(theta/2)^2 : Int_0 theta n 1 5
I.32.5 : q^2*a^2/(6*pi*epsilon*c^3) : q a epsilon c 1 5
I.32.17 : (1/2*epsilon*c*Ef^2)*(8*pi*r^2/3)*(omega^4/(omega^2 - omega_0^2)^2) : epsilon c Ef r omega 1 2; omega_0 3 5
I.34.8 : q*v*B/p : q v B p 1 5
I.34.1 : omega_0/(1 - v/c) : c 3 10; v 1 2; omega_0 1 5
I.34.14 : (1 + v/c)/sqrt(1 - v^2/c^2)*omega_0 : c 3 10; v 1 2; omega_0 1 5
I.34.27 : (h/(2*pi))*omega : omega h 1 5
I.37.4 : I1 + I2 + 2*sqrt(I1*I2)*cos(delta) : I1 I2 delta 1 5
I.38.12 : 4*pi*epsilon*(h/(2*pi))^2/(m*q^2) : m q h epsilon 1 5
I.39.1 : 3/2*pr*V : pr V 1 5
I.39.11 : 1/(gamma - 1)*pr*V : gamma 2 5; pr V 1 5
I.39.22 : n*kb*T/V : n T V kb 1 5
I.40.1 : n_0*exp(-m*g*x/(kb*T)) : n_0 m x T g kb 1 5
I.41.16 : h/(2*pi)*omega^3/(pi^2*c^2*(exp((h/(2*pi))*omega/(kb*T)) - 1)) : omega T h kb c 1 5
I.43.16 : mu_drift*q*Volt/d : mu_drift q Volt d 1 5
I.43.31 : mob*kb*T : mob T kb 1 5
I.43.43 : 1/(gamma - 1)*kb*v/A : gamma 2 5; kb A v 1 5
I.44.4 : n*kb*T*log(V2/V1) : n kb T V1 V2 1 5
I.47.23 : sqrt(gamma*pr/rho) : gamma pr rho 1 5
I.48.2 : m*c^2/sqrt(1 - v^2/c^2) : m 1 5; v 1 2; c 3 10
I.50.26 : x1*(cos(omega*t) + alpha*cos(omega*t)^2) : x1 omega t alpha 1 3
II.2.42 : kappa*(T2 - T1)*A/d : kappa T1 T2 A d 1 5
II.3.24 : Pwr/(4*pi*r^2) : Pwr r 1 5
II.4.23 : q/(4*pi*epsilon*r) : q epsilon r 1 5
II.6.11 : 1/(4*pi*epsilon)*p_d*cos(theta)/r^2 : epsilon p_d theta r 1 3
II.6.15a : p_d/(4*pi*epsilon)*3*z/r^5*sqrt(x^2 + y^2) : epsilon p_d r x y z 1 3
II.6.15b : p_d/(4*pi*epsilon)*3*cos(theta)*sin(theta)/r^3 : epsilon p_d theta r 1 3
II.8.7 : 3/5*q^2/(4*pi*epsilon*d) : q epsilon d 1 5
II.8.31 : epsilon*Ef^2/2 : epsilon Ef 1 5
II.10.9 : sigma_den/epsilon*1/(1 + chi) : sigma_den epsilon chi 1 5
II.11.3 : q*Ef/(m*(omega_0^2 - omega^2)) : q Ef m 1 3; omega_0 3 5; omega 1 2
II.11.17 : n_0*(1 + p_d*Ef*cos(theta)/(kb*T)) : n_0 kb T theta p_d Ef 1 3
II.11.20 : n_rho*p_d^2*Ef/(3*kb*T) : n_rho p_d Ef kb T 1 5
II.11.27 : n*alpha/(1 - (n*alpha/3))*epsilon*Ef : n alpha 0 1; epsilon Ef 1 2
II.11.28 : 1 + n*alpha/(1 - (n*alpha/3)) : n alpha 0 1
II.13.17 : 1/(4*pi*epsilon*c^2)*2*I/r : epsilon c I r 1 5
II.13.23 : rho_c_0/sqrt(1 - v^2/c^2) : rho_c_0 1 5; v 1 2; c 3 10
II.13.34 : rho_c_0*v/sqrt(1 - v^2/c^2) : rho_c_0 1 5; v 1 2; c 3 10
II.15.4 : -mom*B*cos(theta) : mom B theta 1 5
II.15.5 : -p_d*Ef*cos(theta) : p_d Ef theta 1 5
II.21.32 : q/(4*pi*epsilon*r*(1 - v/c)) : q epsilon r 1 5; v 1 2; c 3 10
II.24.17 : sqrt(omega^2/c^2 - pi^2/d^2) : omega 4 6; c 1 2; d 2 4
II.27.16 : epsilon*c*Ef^2 : epsilon c Ef 1 5
II.27.18 : epsilon*Ef^2 : epsilon Ef 1 5
II.34.2a : q*v/(2*pi*r) : q v r 1 5
II.34.2 : q*v*r/2 : q v r 1 5
II.34.11 : g_*q*B/(2*m) : g_ q B m 1 5
II.34.29a : q*h/(4*pi*m) : q h m 1 5
II.34.29b : g_*mom*B*Jz/(h/(2*pi)) : g_ h Jz mom B 1 5
II.35.18 : n_0/(exp(mom*B/(kb*T)) + exp(-mom*B/(kb*T))) : n_0 kb T mom B 1 3
II.35.21 : n_rho*mom*tanh(mom*B/(kb*T)) : n_rho mom B kb T 1 5
II.36.38 : mom*H/(kb*T) + (mom*alpha)/(epsilon*c^2*kb*T)*M : mom H kb T alpha epsilon c M 1 3
II.37.1 : mom*(1 + chi)*B : mom B chi 1 5
II.38.3 : Y*A*x/d : Y A d x 1 5
II.38.14 : Y/(2*(1 + sigma)) : Y sigma 1 5
III.4.32 : 1/(exp((h/(2*pi))*omega/(kb*T)) - 1) : h omega kb T 1 5
III.4.33 : (h/(2*pi))*omega/(exp((h/(2*pi))*omega/(kb*T)) - 1) : h omega kb T 1 5
III.7.38 : 2*mom*B/(h/(2*pi)) : mom B h 1 5
III.8.54 : sin(E_n*t/(h/(2*pi)))^2 : E_n t 1 2; h 1 4
III.9.52 : (p_d*Ef*t/(h/(2*pi)))*sin((omega - omega_0)*t/2)^2/((omega - omega_0)*t/2)^2 \
: p_d Ef t h 1 3; omega omega_0 1 5
III.10.19 : mom*sqrt(Bx^2 + By^2 + Bz^2) : mom Bx By Bz 1 5
III.12.43 : n*(h/(2*pi)) : n h 1 5
III.13.18 : 2*E_n*d^2*k/(h/(2*pi)) : E_n d k h 1 5
III.14.14 : I_0*(exp(q*Volt/(kb*T)) - 1) : I_0 1 5; q Volt kb T 1 2
III.15.12 : 2*U*(1 - cos(k*d)) : U k d 1 5
III.15.14 : (h/(2*pi))^2/(2*E_n*d^2) : h E_n d 1 5
III.15.27 : 2*pi*alpha/(n*d) : alpha n d 1 5
III.17.37 : beta*(1 + alpha*cos(theta)) : beta alpha theta 1 5
III.19.51 : -m*q^4/(2*(4*pi*epsilon)^2*(h/(2*pi))^2)*(1/n^2) : m q h n epsilon 1 5
III.21.20 : -rho_c_0*q*A_vec/m : rho_c_0 q A_vec m 1 5
test_1 : (Z_1*Z_2*alpha*hbar*c/(4*E_n*sin(theta/2)^2))^2 : Z_1 Z_2 alpha hbar c 1 2; E_n theta 1 3
test_2 : m*k_G/L^2*(1 + sqrt(1 + 2*E_n*L^2/(m*k_G^2))*cos(theta1 - theta2)) : m k_G L E_n 1 3; theta1 theta2 0 6
test_3 : d*(1 - alpha^2)/(1 + alpha*cos(theta1 - theta2)) : d 1 3; alpha 2 4; theta1 theta2 4 5
test_4 : sqrt(2/m*(E_n - U - L^2/(2*m*r^2))) : m U L r 1 3; E_n 8 12
test_5 : 2*pi*d^(3/2)/sqrt(G*(m1 + m2)) : d G m1 m2 1 3
test_6 : sqrt(1 + 2*epsilon^2*E_n*L^2/(m*(Z_1*Z_2*q^2)^2)) : epsilon L m Z_1 Z_2 q E_n 1 3
test_7 : sqrt(8*pi*G*rho/3 - alpha*c^2/d^2) : G rho d 1 3; alpha c 1 2
test_8 : E_n/(1 + E_n/(m*c^2)*(1 - cos(theta))) : E_n m c theta 1 3
test_9 : -32/5*G^4/c^5*(m1*m2)^2*(m1 + m2)/r^5 : G c r 1 2; m1 m2 1 5
test_11 : I_0*(sin(alpha/2)*sin(n*delta/2)/(alpha/2*sin(delta/2)))^2 : I_0 alpha delta 1 3; n 1 2
test_12 : q/(4*pi*epsilon*y^2)*(4*pi*epsilon*Volt*d - q*d*y^3/(y^2 - d^2)^2) : q Volt epsilon 1 5; y 1 3; d 4 6
test_13 : 1/(4*pi*epsilon)*q/sqrt(r^2 + d^2 - 2*r*d*cos(alpha)) : q epsilon 1 5; r 1 3; d 4 6; alpha 0 6
test_14 : Ef*cos(theta)*(-r + d^3/r^2*(alpha - 1)/(alpha + 2)) : Ef r d alpha 1 5; theta 0 6
test_15 : sqrt(1 - v^2/c^2)*omega/(1 + v/c*cos(theta)) : c 5 20; v 1 3; omega 1 5; theta 0 6
test_16 : sqrt((p - q*A_vec)^2*c^2 + m^2*c^4) + q*Volt : m c p q A_vec Volt 1 5
test_17 : 1/(2*m)*(p^2 + m^2*omega^2*x^2*(1 + alpha*x/y)) : m omega p y x alpha 1 5
test_18 : 3/(8*pi*G)*(c^2*k_f/r^2 + H_G^2) : G k_f r H_G c 1 5
test_19 : -1/(8*pi*G)*(c^4*k_f/r^2 + H_G^2*c^2*(1 - 2*alpha)) : G k_f r H_G alpha c 1 5
test_20 : 1/(4*pi)*alpha^2*h^2/(m^2*c^2)*(omega_0/omega)^2*(omega_0/omega + omega/omega_0 - sin(beta)^2) \
: omega omega_0 alpha h m c 1 5; beta 0 6
"""

_STROGATZ = """
bacres1 : 20 - x - x*y/(1 + 0.5*x^2) : x 6 16; y 10 54
bacres2 : 10 - x*y/(1 + 0.5*x^2) : x 6 16; y 10 54
barmag1 : 0.5*sin(x - y) - sin(x) : x y 0 7
barmag2 : 0.5*sin(y - x) - sin(y) : x y 0 7
glider1 : -0.05*x^2 - sin(y) : x 0.5 6; y 0 28
glider2 : x - cos(y)/x : x 0.5 6; y 0 28
lv1 : 3*x - 2*x*y - x^2 : x 0 8; y 0 3
lv2 : 2*y - x*y - y^2 : x 0 8; y 0 3
predprey1 : x*(4 - x - y/(1 + x)) : x 0 7.5; y 2.5 10.5
predprey2 : y*(x/(1 + x) - 0.075*y) : x 0 7.5; y 2.5 10.5
shearflow1 : cos(y)/sin(y)*cos(x) : x -4.5 4.5; y 0.2 3
shearflow2 : (cos(y)^2 + 0.1*sin(y)^2)*sin(x) : x -4.5 4.5; y 0.2 3
vdp1 : 10*(y - (x^3 - x)/3) : x -1.2 1.6; y -0.2 0.9
vdp2 : -x/10 : x -1.2 1.6; y -0.2 0.9
"""


# Written down before symc had seen any of them, and not changed since.
_TEXTBOOK = """
competitive : V*S/(K*(1 + I/L) + S) : V S K I L 1 5
arrhenius : A*exp(-E/T) : A 1 5; E 1 4; T 1 3
goldman : log((P*a + Q*b)/(P*c + Q*d)) : P Q a b c d 1 5
manning : R^(2/3)*sqrt(S)/n : R S 1 5; n 1 3
vanderwaals : n*T/(V - n*b) - a*n^2/V^2 : n 1 2; T 1 5; V 4 8; a b 1 2
orifice : C*A*sqrt(2*p/rho/(1 - b^4)) : C A p rho 1 5; b 0.2 0.8
charging : U*(1 - exp(-t/(R*C))) : U t R C 1 5
damped : A*exp(-g*t)*cos(w*t) : A 1 5; g 0.1 1; t 0 3; w 1 3
lensmaker : 1/((n - 1)*(1/r - 1/s)) : n 1.2 2; r 1 3; s 4 8
kinetic : m*c^2*(1/sqrt(1 - v^2/c^2) - 1) : m 1 5; v 1 2; c 3 10
stokes : 2*(p - q)*g*R^2/(9*mu) : p q g R mu 1 5
logistic : K/(1 + exp(-r*(t - u))) : K 1 5; r 0.5 2; t 0 4; u 1 3
sphere : cos(a)*cos(b) + sin(a)*sin(b)*cos(C) : a b C 0.2 1.5
antoine : exp(A - B/(C + T)) : A 1 3; B 2 6; C 1 3; T 1 4
hill : x^n/(k^n + x^n) : x k 1 5; n 1 4
period : 2*pi*sqrt(a^3/(G*(m + M))) : a G m M 1 5
impedance : sqrt(R^2 + (w*L - 1/(w*C))^2) : R w L C 1 5
fin : (exp(m*(L - x)) + exp(-m*(L - x)))/(exp(m*L) + exp(-m*L)) : m 0.5 2; L 2 3; x 0 2
lmtd : (a - b)/log(a/b) : a 6 10; b 1 5
fresnel : ((n*cos(a) - m*cos(b))/(n*cos(a) + m*cos(b)))^2 : n m 1 2; a b 0.1 1.2
"""


@dataclass(frozen=True)
class Law:
    """A formula over named variables and the range of each; equations call the variables x0, x1, ... in that order."""

    name: str
    formula: str
    variables: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(f"x{k}" for k in range(len(self.variables)))

    @property
    def expression(self) -> sympy.Expr:
        """The formula over the inputs: some variables have names that mean a function to symc, as gamma does."""
        names = {symbol(v): symbol(x) for v, x in zip(self.variables, self.inputs, strict=True)}
        return parse(self.formula, self.variables).xreplace(names)

    def values(self, x: Array) -> Array:
        """(n,): the law at each row of x (n, n_in), not finite where it has no value."""
        return values(self.expression, self.inputs, x)

    def draw(self, n: int, generator: np.random.Generator, wide: bool = False) -> Array:
        """(n, n_in) rows drawn uniformly from the box of the ranges, or from one twice as wide.

        The wide box has the same middle, except that no range that starts at or above 0 comes to start below:
        it is half as far from 0 at most, and ends higher instead. A mass stays a mass.
        """
        low, high = np.array(self.low), np.array(self.high)
        if wide:
            width = high - low
            start = np.where(low >= 0, np.maximum(low - width / 2, low / 2), low - width / 2)
            low, high = start, start + 2 * width
        return generator.uniform(low, high, (n, len(low)))


def values(expression: sympy.Expr, inputs: Sequence[str], x: Array) -> Array:
    """(n,): an expression at each row of x (n, n_in), in float64, which symc's own programs round to float32."""
    function = sympy.lambdify([symbol(name) for name in inputs], expression, "numpy")
    with np.errstate(all="ignore"):
        return np.broadcast_to(np.asarray(function(*x.T), dtype=float), len(x))


def _laws(table: str, prefix: str) -> tuple[Law, ...]:
    laws = []
    for line in table.strip().splitlines():
        name, formula, ranges = (part.strip() for part in line.split(":"))
        found: dict[str, tuple[float, float]] = {}
        for group in ranges.split(";"):
            *names, low, high = group.split()
            found |= dict.fromkeys(names, (float(low), float(high)))
        lows, highs = zip(*found.values(), strict=True)
        laws.append(Law(prefix + name, formula, tuple(found), lows, highs))
    return tuple(laws)


FEYNMAN = _laws(_FEYNMAN, "")
STROGATZ = _laws(_STROGATZ, "strogatz_")
TEXTBOOK = _laws(_TEXTBOOK, "textbook_")
LAWS = FEYNMAN + STROGATZ + TEXTBOOK

"""What numpy does about overflow, NaN and underflow while symc computes, whatever the program around it has set."""

from __future__ import annotations

import numpy as np

# A decorator of what users call; it adds a frame to the stack, which the levels of warnings count.
# numpy's own defaults: after np.seterr(all="raise"), which some packages call, an underflow would end a build.
usual = np.errstate(divide="warn", over="warn", under="ignore", invalid="warn")

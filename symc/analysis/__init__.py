"""What a Program gives anywhere in a box of inputs: proved ranges, poles, missing values and overflows."""

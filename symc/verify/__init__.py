"""Parity with the network and bit-exactness across targets."""

"""Operon, the engine that is always there."""

"""Compilers, the cache of what they built, and the list of tools that symc can use on this machine."""

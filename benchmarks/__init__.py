"""Comparisons with peers on the same files, in turn, on the same machine."""

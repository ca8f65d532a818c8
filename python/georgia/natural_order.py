"""The order people expect of names with numbers in them."""

import re
from collections.abc import Iterable
from pathlib import Path


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """Sort key under which "image 9" comes before "image 10"."""
    parts = re.split(r"(\d+)", text.casefold())
    numbers = (part.lstrip("0") if part.isdecimal() else None for part in parts)
    return [
        (1, 0, part) if number is None else (0, len(number), number)
        for part, number in zip(parts, numbers, strict=True)
    ]


def natural_order(names: Iterable[str]) -> list[str]:
    """Sort naturally; names that differ in case or leading zeros keep a fixed order too."""
    return sorted(names, key=lambda name: (natural_key(name), name))


def natural_path_key(path: Path) -> tuple[list[list[tuple[int, int, str]]], str]:
    """Natural order part by part; equal keys (A and a) keep a fixed order too."""
    return [natural_key(part) for part in path.parts], path.as_posix()

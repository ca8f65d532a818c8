"""The explorer: one offline page of linked views on an `Exploration`."""

from georgia.explorer.page import write as write

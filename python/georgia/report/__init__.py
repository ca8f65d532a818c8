"""The report of a run: one page that opens without a network, and a model card."""

from georgia.report.page import write as write

"""Weights from other programs and for them: foreign files in and out."""

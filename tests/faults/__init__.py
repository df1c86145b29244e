"""Faults done to the real programs, and a ledger that says what they cost: ``python -m tests.faults.<fault>``."""

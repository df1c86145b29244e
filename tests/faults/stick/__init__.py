"""Answers by stick, with everything that can happen to a stick."""

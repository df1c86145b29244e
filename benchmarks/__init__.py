"""The project beside what somebody would use instead, in one run: ``python -m benchmarks``. Never a timed test."""

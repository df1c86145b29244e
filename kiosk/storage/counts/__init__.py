"""What came in, counted: ``summary.db``, kept while nobody presses, and what is read from it."""

"""What scripts/demo and the tests share."""

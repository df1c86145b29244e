"""What branch staff see: the PIN pad, and the day's figures."""

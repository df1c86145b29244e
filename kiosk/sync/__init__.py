"""Hands stored answers to central, exactly once, through any network and with none."""

"""A request becomes answers stored once, and an acknowledgement."""

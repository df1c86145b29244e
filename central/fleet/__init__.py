"""The kiosks themselves: how they enrol, what they are given, how they are."""

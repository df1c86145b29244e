"""Plays the main job with real parts: central, an enrolled kiosk and its agent as three processes on loopback."""

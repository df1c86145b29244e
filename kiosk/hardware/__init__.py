"""Buttons and lamps on the kiosk's pins."""

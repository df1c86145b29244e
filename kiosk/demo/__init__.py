"""The kiosk as it is, played from a script. Nothing but the ``demo`` command imports this."""

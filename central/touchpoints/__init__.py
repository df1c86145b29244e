"""What is reached by phone: pages without a login and without JavaScript, opened by a kiosk's QR code."""

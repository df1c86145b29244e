"""The kiosk's screens as pictures: every one, in every language, on every panel; and what is wrong with them."""

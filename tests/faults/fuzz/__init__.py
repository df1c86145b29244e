"""
Whatever knocks at central's doors, as ``python -m tests.faults.fuzz --requests N``.

A real central in a process of its own, and three kinds of callers. Schemathesis calls whatever the published OpenAPI
document names, in valid and in invalid ways; what a kiosk would sign is signed after it was made, so that it gets past
the door. Hypothesis spoils sensible requests of a kiosk in one to four places, signs them, and lets strangers send them
too. And each page is asked with anything in its query.

Tried are requests. ``lost``: acknowledged as stored and not there; ``invented``: there, and never acknowledged;
``duplicated``: acknowledged as stored twice; ``corrupt``: stored and not valid, not as sent, or counted wrongly. The
program also fails on any 5xx, any reply that the OpenAPI document does not describe, any reply to a kiosk that is not
signed for its request, any stranger who is believed, and on more memory than ``MOST_MB``. The controls are centrals
that are wrong on purpose.
"""

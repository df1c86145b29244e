"""
Cutting the power of the recorder, at every instant, by way of its recorded system calls.

``lives`` is the real process and the wrong ones; ``calls`` records them; ``disk`` knows what a cut may leave on the
card; ``choices`` lists it; ``judge`` lets the real code recover and looks for every thank-you.
"""

"""The appliance at the branch exit: it records what customers press, and hands it on when it can."""

VERSION = "26.11.0"

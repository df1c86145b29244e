"""The appliance at the branch exit: it records what customers press, and hands it on when it can."""

"""The network's faults: a proxy between a real agent and a real central that does to each request what it likes."""

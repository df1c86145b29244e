"""The language both sides speak: ratings, surveys, answers, scores, and the wire. Standard library only."""

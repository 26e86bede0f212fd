"""How many cards an account keeps, and how often one is changed. Part of the domain."""

MOST_CARDS = 200
MOST_RELATIVES = MOST_CARDS - 1  # beside the holder's own

MOST_CHANGES = 1_000  # of one card: each command reads them all
LONGEST_STREAM = MOST_CHANGES + 2  # a removal and an erasure are always possible

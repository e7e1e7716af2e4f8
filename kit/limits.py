"""How much of anything is read from what a person gives; more of it is refused with a sentence."""

FILE_BYTES = 300_000  # of a file in YAML; the longest that comes with the project has an eighth of it
VALUE_CHARACTERS = 10_000  # of one value on the command line
DEPTH = 30  # of keys in keys and lists in lists, names for other places followed
NODES = 50_000  # keys, values and lists of a file, each place where a name stands for others counted in full
DIGITS = 40  # characters of a number
NAME_CHARACTERS = 120  # of a file's or folder's own name, and of a word that the nearest known one is looked for
QUOTED_CHARACTERS = 80  # of what was given, in a message about it
RUNS = 1_000_000  # of a study
SEEDS = 2**63 - 1  # the largest seed
WORKERS = 1024  # processes of one command

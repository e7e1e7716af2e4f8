"""`python -m app`: the command line, as the root script starts it."""

import sys

INTERRUPTED = 130


def start() -> None:
    """Load the command line and run it; an interrupt meanwhile ends it without a word."""
    try:
        from app.commands import main
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    main()


if __name__ == "__main__":
    start()

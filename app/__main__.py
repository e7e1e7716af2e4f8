"""`python -m app`: the command line, as the root script starts it."""

from app.commands import main

if __name__ == "__main__":
    main()

"""What the view begins with; set by the command that starts the server."""

import os

FIRST: dict[str, str | int] = {"scenario": os.environ.get("TECHSHIELD_VIEW_SCENARIO", "renewed"), "seed": 0}

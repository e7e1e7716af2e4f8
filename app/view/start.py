"""What the view begins with; set by the command that starts the server."""

import os

from calibration.fit.draws import settled

FIRST: dict[str, str | int] = {"scenario": os.environ.get("TECHSHIELD_VIEW_SCENARIO", "renewed"), "seed": 0,
                               "language": os.environ.get("TECHSHIELD_VIEW_LANGUAGE", "en")}  # fmt: skip
PARAMETERS = settled(os.environ.get("TECHSHIELD_VIEW_PARAMETERS", "default"))

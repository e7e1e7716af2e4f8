"""The quick reader of YAML where the machine has it, else the plain one; both read the same."""

from typing import Any

import yaml

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

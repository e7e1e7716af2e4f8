"""The command line, the report and the checks: what people meet of Techshield."""

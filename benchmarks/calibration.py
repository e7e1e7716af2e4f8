"""Speed of calibration: `python -m benchmarks.calibration`. Evaluations of all events a second, and a replay of all."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor

from calibration.evaluations import evaluate_part
from calibration.event import Event, load_all
from calibration.free import prior

COUNT, WORKERS, WANTED, DRAWS = 24, 2, 20_000, 50


def main() -> None:
    """Measure on two workers, worlds built and kernels compiled before the clock starts; print."""
    events = tuple(load_all(Event.names()))
    rows = [{str(key): float(value) for key, value in row.items()} for row in prior(COUNT).to_dict("records")]
    with ProcessPoolExecutor(WORKERS) as pool:
        list(pool.map(evaluate_part, [events] * WORKERS, [[(at, rows[at])] for at in range(WORKERS)]))
        begun = time.perf_counter()
        list(pool.map(evaluate_part, [events] * COUNT, [[(at, row)] for at, row in enumerate(rows)]))
        rate = COUNT / (time.perf_counter() - begun)
    print(f"evaluations of {len(events)} events a second, {WORKERS} workers: {rate:.2f}")
    print(f"{WANTED:,} evaluations would take {WANTED / rate / 3600:.1f} hours (aim 1.0)")
    print(f"replay of all events with {DRAWS} draws: {DRAWS / rate / 60:.1f} minutes (aim below 5)")


if __name__ == "__main__":
    main()

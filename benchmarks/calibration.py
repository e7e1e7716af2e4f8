"""Speed of calibration: `python -m benchmarks.calibration`. Evaluations of all events a second, and a replay of all.

The clock counts what else the machine does; processor time does not, and tells what idle cores would give.
"""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor

from calibration.fit.evaluations import evaluate_part
from calibration.fit.free import prior
from calibration.record.event import Event, load_all

COUNT, WORKERS, WANTED, DRAWS, AIM = 24, 2, 20_000, 50, 1.0


def timed(events: tuple[Event, ...], rows: list[tuple[int, dict[str, float]]]) -> float:
    """Processor seconds of an evaluation, by a worker whose worlds are built and kernels compiled."""
    evaluate_part(events, rows[:1])
    begun = time.process_time()
    evaluate_part(events, rows)
    return (time.process_time() - begun) / len(rows)


def main() -> None:
    """Measure on two workers and print."""
    events = tuple(load_all(Event.names()))
    rows = list(enumerate({str(key): float(value) for key, value in row.items()}
                          for row in prior(COUNT).to_dict("records")))  # fmt: skip
    parts = [rows[first::WORKERS] for first in range(WORKERS)]
    with ProcessPoolExecutor(WORKERS) as pool:
        list(pool.map(timed, [events] * WORKERS, [rows[:1]] * WORKERS))
        begun = time.perf_counter()
        spent = list(pool.map(timed, [events] * WORKERS, parts))
        rate = (COUNT + WORKERS) / (time.perf_counter() - begun)
    idle = WORKERS / (sum(spent) / WORKERS)
    print(f"evaluations of {len(events)} events a second, {WORKERS} workers: {rate:.2f}; on idle cores {idle:.2f} "
          f"({sum(spent) / WORKERS:.3f} processor seconds each)")  # fmt: skip
    hours = (WANTED / rate / 3600, WANTED / idle / 3600)
    print(f"{WANTED:,} evaluations would take {hours[0]:.1f} hours, on idle cores {hours[1]:.1f} "
          f"(aim {AIM:.1f})")  # fmt: skip
    print(f"replay of all events with {DRAWS} draws: {DRAWS / rate / 60:.1f} minutes (aim below 5)")


if __name__ == "__main__":
    main()

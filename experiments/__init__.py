"""Experiments: single runs, batches of runs, and what is told of them.

```python
from experiments import Results, Study, run_study

run_study(Study.load("recommendations"), "results/recommendations")
Results.open("results/recommendations").scalars()
```
"""

from experiments.batch import Way, run_study
from experiments.store import Results
from experiments.study import Study

__all__ = ["Results", "Study", "Way", "run_study"]

"""Of use to any model, without economics: columns of a population, compiled kernels, chance, dates, files, errors."""

"""The rules of the week: demand, production, trade, permits, prices, stockpiles and projects, each with its kernels."""

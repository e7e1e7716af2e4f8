"""What a run says in numbers: prices, losses, shares, dependence, harm, routes and costs."""

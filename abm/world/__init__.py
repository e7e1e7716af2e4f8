"""The world that the tables describe: firms, goods, countries and the supply links between them."""

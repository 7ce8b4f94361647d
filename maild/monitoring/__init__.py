"""What operators see of a running maild: counters, metrics, health; and whether its parts still move."""

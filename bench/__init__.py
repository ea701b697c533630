"""Measurements that anyone can repeat: ``make bench``, or one: ``python -m bench.NAME``."""

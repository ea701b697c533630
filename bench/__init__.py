"""Measurements that anyone can repeat: ``make bench``, or one of them with ``python -m bench.NAME``."""

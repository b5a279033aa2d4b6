"""A program that could start processes, and does nothing."""
import multiprocessing  # noqa: F401

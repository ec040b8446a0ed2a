"""`make bench`: what the pipeline does, beside what it replaces, in one run on one machine.

A bench is a file here with a ``measure`` function that returns lines (``bench.report.Line``), and a row in
``bench.__main__``. Timings are never tests; their ratios are what is quoted.
"""

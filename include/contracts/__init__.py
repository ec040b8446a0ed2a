"""What travels between the stations: topics, tasks, outcomes, prices, dead letters.

Frozen classes and pure functions; nothing here reads a clock, a file or a socket, and nothing
is imported from the rest of the project.
"""

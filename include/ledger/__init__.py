"""Runs and tasks: what was asked for, what became of it, and the proof that it adds up."""

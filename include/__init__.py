"""Stocks: every listed stock of a region, its ratios, and proof that none was lost.

Read the folders in the order of the flow: contracts (what travels), transport (carries it),
scrapers and feeds (ask the world), ratios (compute), stores (keep), workers (where these meet),
ledger (what became of every task), review (what failed), orchestration (what Airflow needs),
stack and market (the same pipeline on one machine, without the internet).
"""

"""Takes: clocks and counts. Gives: public aggregates and the hotline's own figures.

Never: shows a number under five, a median of fewer than ten, or anything of a held case.
"""

"""Recomputes the published figures from the raw tables in pandas, by the documentation.

It shares no code and no SQL with the warehouse: if the two results differ, one of them or the documentation is wrong.
:mod:`recomputed.inputs` lists the inputs that are not recomputed.

To read how a figure comes about, begin with :mod:`recomputed.measures`.
"""

"""The published figures, computed a second time: from the raw tables, in pandas, by the words of the documentation.

It shares no code and no SQL with the warehouse. Who computes a figure twice in two ways and gets two answers has found
a fault in one of them, or in the words. :mod:`recomputed.inputs` says what is taken as given; all else is recomputed.

To read how a figure comes about, begin with :mod:`recomputed.measures`.
"""

"""The normal form of rules, in which questions about selectors have exact answers.

    answer    yes, no, unknown
    values    what one label, name or annotation may be
    box       what everything may be: a product of values
    cover     is a box inside a union of boxes?
    among     one box among thousands: which overlap it, which contain it?
    witness   a Pod that stands in a box

A glob that no finite set stands beside has no normal form; where only it could tell, the answer is
`unknown`.
"""

"""What Poolweaver remembers: pools, facts, leases and their journal, in one SQLite file.

    bits      integers: a tree of bitmaps in which the lowest zero is found in a few reads
    ranges    addresses: the intervals of a pool as text
    database  the file: opened in one place, every failure a StoreError
    bitmap, open_ranges    bits and ranges in the database: which addresses are free
    pools, objects, facts, leases, journal, settings, writer    what the Protocols ask for
    store     all of them behind one door
    migrations, create, repair    authoring time alone: tables, new files, invariants

Leases are the truth; the bitmap and the counters are indexes over them, changed in the same
transaction, and `store.repair` can check and rebuild them.
"""

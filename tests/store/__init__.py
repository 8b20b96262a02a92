"""The store, against its Protocols and on real files."""

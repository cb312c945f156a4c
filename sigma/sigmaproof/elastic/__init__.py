"""What the text backends of Elasticsearch's languages share.

A condition becomes a tree of layout nodes, a leaf's meaning is decided once (`comparison`), and a backend
only says how its language writes that meaning.
"""

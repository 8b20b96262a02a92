"""Acting: decide and then claim, release, the CNI verbs, and applying manifests to a store.

`plugin` is the executable that a container runtime starts. It imports `cni` and what lies below,
standard library only; `apply`, `simulate` and `install` belong to authoring time.
"""

"""One rule a module, each with a `RULE`; `policy.lint.registry` finds them."""

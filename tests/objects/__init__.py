"""A store on objects without transactions, and the fake API that it runs on."""

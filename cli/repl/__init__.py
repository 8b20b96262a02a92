"""`poolweaver repl`: a session in which decisions are asked about, and facts are tried.

    language    the text of a session -> statements -> command words
    world       what is decided over: a store, manifests, or an export
    session     which Pod, which edits, which breakpoints; no terminal
    answer      what a command gives back: text for people, data for programs
    commands/   the commands, a small group a file
    registry    their table: names, usage, help
    script      a session without terminal: `-c`, standard input
    terminal    a session at a terminal: prompt, history, completion, status line

A session reads and never writes to a store; an error of a command never ends it.
"""

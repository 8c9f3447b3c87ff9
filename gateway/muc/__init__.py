"""The wire: stanzas to rooms, one use case a file. Each reads, asks the rule and the network, and
says what is shown; `router` finds the handler, `errors` turns every failure into an answer."""
